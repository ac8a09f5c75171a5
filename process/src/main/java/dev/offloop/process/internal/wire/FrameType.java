package dev.offloop.process.internal.wire;

/** What a frame says. */
public enum FrameType {
    /** Worker to parent, first on the data channel: a {@link Handshake#hello}. The id is the worker's number. */
    HELLO(1),
    /** Parent to worker: run this function. */
    CALL(2),
    /** Parent to worker: end. */
    RETIRE(3),
    /** Worker to parent: what the function returned. */
    RESULT(4),
    /** Worker to parent: a {@link RemoteFailure}. */
    FAILURE(5),
    /** Worker to parent: where a call was when it was cancelled, as text. It goes on. */
    DUMP(6),
    /** Worker to parent: what a function says while it runs. */
    PROGRESS(7),
    /** Parent to worker: the shape of lambdas in calls to come. The id is the shape's. */
    SHAPE(8),
    /** Parent to worker: the caller's context, for the call of the same id, which follows. */
    CONTEXT(9),
    /** Worker to parent, first on the control channel: the token. The id is the worker's number. */
    CONTROL_HELLO(10),
    /** Parent to worker, on the control channel: cancel the call of this id, if it still runs. */
    CANCEL(11),
    /**
     * Parent to worker, on the control channel: where is the call of this id? Worker to parent: the user's frames, a
     * line each.
     */
    SAMPLE(12);

    private final byte code;

    FrameType(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    static FrameType of(byte code) {
        return switch (code) {
            case 1 -> HELLO;
            case 2 -> CALL;
            case 3 -> RETIRE;
            case 4 -> RESULT;
            case 5 -> FAILURE;
            case 6 -> DUMP;
            case 7 -> PROGRESS;
            case 8 -> SHAPE;
            case 9 -> CONTEXT;
            case 10 -> CONTROL_HELLO;
            case 11 -> CANCEL;
            case 12 -> SAMPLE;
            default -> throw new IllegalArgumentException("There is no frame type " + code);
        };
    }
}
