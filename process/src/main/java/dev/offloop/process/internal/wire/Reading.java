package dev.offloop.process.internal.wire;

import dev.offloop.process.Codec;
import java.io.ObjectInputFilter;
import org.jspecify.annotations.Nullable;

/**
 * How bytes become objects.
 *
 * @param loader finds their classes
 * @param filter says which of them may be made; null for all that the JVM's own filter lets through
 * @param codec reads what one has written; null where there is none
 * @param maxDepth how many objects inside of each other a serialized stream may have, where the sender is not trusted:
 *     the arrays in it are bounded too then, by the length of the stream; {@link #UNBOUNDED} for no bounds
 */
public record Reading(
        ClassLoader loader,
        @Nullable ObjectInputFilter filter,
        @Nullable Codec codec,
        int maxDepth) {

    /** No bounds on what a stream may hold. */
    public static final int UNBOUNDED = Integer.MAX_VALUE;

    /** About twice as deep as a thread with a stack of the default size can write. */
    public static final int MAX_RESULT_DEPTH = 2000;

    /** Without bounds, for a process that trusts the sender. */
    public Reading(ClassLoader loader, @Nullable ObjectInputFilter filter, @Nullable Codec codec) {
        this(loader, filter, codec, UNBOUNDED);
    }

    boolean bounded() {
        return maxDepth != UNBOUNDED;
    }

    /**
     * The object that JDK serialization has made these bytes of.
     *
     * @throws dev.offloop.process.NotTransferableException if it cannot be read here, or may not
     */
    @Nullable
    Object stream(byte[] bytes) {
        return JdkSerialization.read(bytes, 0, this);
    }

    /**
     * The value that a frame brings.
     *
     * @throws dev.offloop.process.NotTransferableException if it cannot be read here, or may not
     */
    public @Nullable Object of(Frame frame) {
        Reading reading = frame.type() == FrameType.FAILURE ? ofFailures() : this;
        return new ValueReader(reading).read(frame.payload(), frame.body());
    }

    /** The user's filter sees the exception in a failure, which is a stream of its own, and not what is around it. */
    private Reading ofFailures() {
        return new Reading(loader, RemoteFailure.FILTER, null, maxDepth);
    }
}
