package dev.offloop.process.wire;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A few bytes of memory that a worker shares with its parent, and that outlive it: which call it began last, and whether
 * it ended in good order. Writing them costs the worker no system call, and however it dies, the parent can read them:
 * a call that a worker never began may safely be given to another.
 */
public final class WorkerNote {

    private static final int STARTED = 0;
    private static final int ORDERLY = Long.BYTES;
    private static final int SIZE = 2 * Long.BYTES;

    private final MappedByteBuffer memory;

    private WorkerNote(MappedByteBuffer memory) {
        this.memory = memory;
    }

    /** In the parent: makes the file. Its blocks are written, so a full disk is noticed here and not by a signal later. */
    public static WorkerNote create(Path file) throws IOException {
        Files.write(file, new byte[SIZE], StandardOpenOption.CREATE_NEW);
        return open(file);
    }

    /** In the worker: shares a file that exists. */
    public static WorkerNote open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new WorkerNote(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
        }
    }

    /** In the worker: this call begins. */
    public void started(long call) {
        memory.putLong(STARTED, call);
    }

    /** In the worker: the JVM ends in good order. */
    public void endsOrderly() {
        memory.putLong(ORDERLY, 1);
    }

    /** In the parent: the call that began last; 0 for none. */
    public long lastStarted() {
        return memory.getLong(STARTED);
    }

    /** In the parent, after the worker's end: whether it was in good order. */
    public boolean orderly() {
        return memory.getLong(ORDERLY) == 1;
    }
}
