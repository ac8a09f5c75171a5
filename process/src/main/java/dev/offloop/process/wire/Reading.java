package dev.offloop.process.wire;

import dev.offloop.process.Codec;
import java.io.ObjectInputFilter;
import org.jspecify.annotations.Nullable;

/**
 * How bytes become objects.
 *
 * @param loader finds their classes
 * @param filter says which of them may be made; null for all that the JVM's own filter lets through
 * @param codec reads what one has written; null where there is none
 */
public record Reading(
        ClassLoader loader,
        @Nullable ObjectInputFilter filter,
        @Nullable Codec codec) {

    /**
     * The object that JDK serialization has made these bytes of.
     *
     * @throws dev.offloop.process.NotTransferableException if it cannot be read here, or may not
     */
    @Nullable
    Object stream(byte[] bytes) {
        return Marshal.read(bytes, 0, this);
    }

    /**
     * The value that a frame brings.
     *
     * @throws dev.offloop.process.NotTransferableException if it cannot be read here, or may not
     */
    public @Nullable Object of(Frame frame) {
        return new Values.Reader(this).read(frame.payload(), frame.body());
    }
}
