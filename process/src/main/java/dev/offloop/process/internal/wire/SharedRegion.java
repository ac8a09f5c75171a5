package dev.offloop.process.internal.wire;

import java.lang.foreign.MemorySegment;

/** Memory that processes share, as one of them sees it. For any thread. */
public sealed interface SharedRegion permits SharedFile, BorrowedFile, MappedFile {

    /**
     * Where other processes find it.
     *
     * @throws IllegalStateException if it is closed in the process that owns it, which is this one
     */
    SharedSource source();

    /**
     * All of the memory.
     *
     * @throws IllegalStateException if it is closed
     */
    MemorySegment segment();

    /** Its size in bytes, also when it is closed. */
    long size();

    /** Makes it inaccessible here. Does nothing if it is closed. */
    void close();
}
