package dev.offloop.process.internal.wire;

import java.io.ObjectInputFilter;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what a serialized stream can make its reader do, whatever its classes are: how deep it recurses, and how much
 * it allocates for arrays of which only the length has arrived. For one stream.
 *
 * <p>An array of primitive type has no more elements than the stream has bytes. Of references there may be more: hash
 * tables have empty slots, the JDK's at most eight for each byte of their mappings, and {@code Collections.nCopies}
 * announces all of its elements and writes one.
 */
final class StreamBounds implements ObjectInputFilter {

    private static final int SLOTS_PER_BYTE = 8;

    /** Empty slots and copies that are accepted in any stream: 64 MiB of memory. */
    private static final int FREE_SLOTS = 16 * 1024 * 1024;

    private final int maxDepth;
    private final long streamLength;
    private long primitives;
    private long references;
    private @Nullable String excess;

    StreamBounds(int maxDepth, int streamLength) {
        this.maxDepth = maxDepth;
        this.streamLength = streamLength;
    }

    @Override
    public Status checkInput(FilterInfo info) {
        if (info.depth() > maxDepth) {
            excess = "it is nested more than " + maxDepth + " levels deep";
            return Status.REJECTED;
        }
        Class<?> type = info.serialClass();
        if (info.arrayLength() > 0 && type != null) {
            count(type, info.arrayLength());
        }
        if (primitives > streamLength || references > SLOTS_PER_BYTE * streamLength + FREE_SLOTS) {
            excess = "its arrays announce " + (primitives + references) + " elements, and it has " + streamLength
                    + " bytes for them";
            return Status.REJECTED;
        }
        return Status.UNDECIDED;
    }

    private void count(Class<?> arrayType, long length) {
        if (arrayType.getComponentType().isPrimitive()) {
            primitives += length;
        } else {
            references += length;
        }
    }

    /** Returns which bound the stream exceeded, in words; null if none. */
    @Nullable
    String excess() {
        return excess;
    }
}
