package dev.offloop.process.internal.wire;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of another process that is mapped into this one. */
public final class MappedFile implements SharedRegion {

    private final SharedSource source;

    @SuppressWarnings("MustBeClosedChecker") // close() closes it
    private final Arena arena = Arena.ofShared();

    private final MemorySegment segment;

    /**
     * Maps memory of another process.
     *
     * @throws IllegalStateException if it is not there any more, or cannot be reached from this process
     */
    MappedFile(SharedSource source, boolean writable) {
        this.source = source;
        boolean done = false;
        try {
            this.segment = source.map(arena, writable);
            done = true;
        } finally {
            if (!done) {
                arena.close();
            }
        }
    }

    @Override
    public SharedSource source() {
        return source;
    }

    @Override
    public long size() {
        return source.size();
    }

    @Override
    public MemorySegment segment() {
        if (!isOpen()) {
            throw new IllegalStateException(
                    "This shared memory is closed in this process: it is mapped for the calls that"
                            + " it was sent with only. Capture it in each function that uses it");
        }
        return segment;
    }

    boolean isOpen() {
        return arena.scope().isAlive();
    }

    @Override
    public synchronized void close() {
        if (isOpen()) {
            arena.close();
        }
    }

    /** Returns whether it could be closed. It cannot while a thread reads a file into it, for example. */
    boolean tryClose() {
        try {
            close();
            return true;
        } catch (IllegalStateException inUse) {
            return false;
        }
    }
}
