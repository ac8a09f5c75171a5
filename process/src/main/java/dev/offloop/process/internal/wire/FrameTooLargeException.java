package dev.offloop.process.internal.wire;

/** The header of a frame announces more bytes than its reader accepts. Nothing was allocated for it. */
public final class FrameTooLargeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    private final long length;
    private final long limit;
    private final FrameType type;
    private final long id;

    public FrameTooLargeException(long length, long limit, FrameType type, long id) {
        super("A " + type + " frame for call " + id + " announces " + length + " bytes; the limit is " + limit);
        this.length = length;
        this.limit = limit;
        this.type = type;
        this.id = id;
    }

    /** Returns the length in bytes of the part that exceeds the limit, the payload or the body. */
    public long length() {
        return length;
    }

    /** Returns the largest length in bytes that the reader accepts. */
    public long limit() {
        return limit;
    }

    /** Returns the type of the frame. */
    public FrameType type() {
        return type;
    }

    /** Returns the id of the frame, for most types the number of a call. */
    public long id() {
        return id;
    }
}
