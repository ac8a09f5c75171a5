package dev.offloop.process.internal.wire;

import java.lang.foreign.MemorySegment;

/**
 * Memory that has come back to the process that owns it, with a result or since calls run in this process. Whoever gets
 * it has no more rights than in another process: it can be read only, unless it was sent as writable, and to close it
 * frees nothing.
 */
public final class BorrowedFile implements SharedRegion {

    private final SharedFile file;
    private final boolean writable;
    private volatile boolean closed;

    /** A loan of a file. */
    public BorrowedFile(SharedFile file, boolean writable) {
        this.file = file;
        this.writable = writable;
    }

    @Override
    public SharedSource source() {
        return file.source();
    }

    @Override
    public long size() {
        return file.size();
    }

    @Override
    public MemorySegment segment() {
        if (closed) {
            throw new IllegalStateException("This shared memory is closed: it was closed by the function that got it");
        }
        MemorySegment segment = file.segment();
        return writable ? segment : segment.asReadOnly();
    }

    @Override
    public void close() {
        closed = true;
    }
}
