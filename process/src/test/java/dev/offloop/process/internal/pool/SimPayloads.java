package dev.offloop.process.internal.pool;

import dev.offloop.process.internal.wire.Reading;
import dev.offloop.process.internal.wire.RemoteFailure;
import dev.offloop.process.internal.wire.Values;
import dev.offloop.process.internal.wire.Writing;
import java.util.List;

/** What simulated processes send and receive, made once. */
final class SimPayloads {

    /** The place of a process in an answer that was made before. */
    static final int ANY_PROCESS = 63;

    static final int MAX_CALLS = 64;
    static final int LARGE = 2 * 1024 * 1024;
    static final String FAILURE_MESSAGE = "a simulated function has failed";
    static final Reading READING = new Reading(SimPayloads.class.getClassLoader(), null, null);
    static final Writing WRITING = new Writing(false, null);
    static final byte[] NULL = Values.write(null, WRITING).bytes();
    static final byte[] FAILURE = Values.write(RemoteFailure.of(new IllegalStateException(FAILURE_MESSAGE)), WRITING)
            .bytes();
    static final byte[] DUMP =
            "\"main\" RUNNABLE\n\tat a.Function.run\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    /** A payload that says only that its value is the body. */
    static final byte[] BODY = {9};

    static final byte[] LARGE_BODY = new byte[3 * 1024 * 1024];
    private static final byte[] LARGE_ARGUMENTS = new byte[LARGE];
    private static final byte[] PLAIN = Values.write(0L, WRITING).bytes();
    /** A list of one number, in the own form of values. */
    private static final byte[] LIST = {13, 0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0};

    private static final Values.Written[] FUNCTIONS = new Values.Written[MAX_CALLS];
    private static final Values.Written[] LARGE_FUNCTIONS = new Values.Written[MAX_CALLS];
    private static final byte[][] STREAMS = new byte[MAX_CALLS][];

    static {
        for (int i = 0; i < MAX_CALLS; i++) {
            byte[] bytes = {(byte) i};
            FUNCTIONS[i] = new Values.Written(bytes, null, List.of());
            LARGE_FUNCTIONS[i] = new Values.Written(bytes, LARGE_ARGUMENTS, List.of());
            STREAMS[i] =
                    Values.write(value(i, ANY_PROCESS), new Writing(true, null)).bytes();
        }
    }

    private SimPayloads() {}

    static Values.Written function(int call, boolean large) {
        return large ? LARGE_FUNCTIONS[call] : FUNCTIONS[call];
    }

    /** The place of the call that runs this function. */
    static int callOf(Values.Written function) {
        return function.bytes()[0];
    }

    static long value(int call, int process) {
        return (long) call << 6 | Math.min(process, ANY_PROCESS);
    }

    /** A value that is read where it arrives. */
    static byte[] plain(long value) {
        return with(PLAIN, value);
    }

    /** A value that is read on a thread for foreign code. */
    static byte[] foreign(long value) {
        return with(LIST, value);
    }

    static byte[] stream(int call) {
        return STREAMS[call];
    }

    private static byte[] with(byte[] form, long value) {
        byte[] bytes = form.clone();
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[bytes.length - 1 - i] = (byte) (value >>> 8 * i);
        }
        return bytes;
    }
}
