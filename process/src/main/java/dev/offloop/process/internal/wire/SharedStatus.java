package dev.offloop.process.internal.wire;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A few bytes of memory that a worker shares with its parent, and that outlive it: which call it has begun, how often
 * it has given a sign of life, and whether it ended in good order.
 *
 * <p>Calls to a worker are numbered in their order. {@code begun} is the number up to which they are decided: the
 * worker moves it on to the call that it begins, the parent to the last one that it has sent when it wants back those
 * that have not begun. Both by compare-and-set, so a call is either begun or taken back. Writing costs no system call,
 * and however the worker dies, the parent can read: a call that it never began may safely be given to another.
 */
public final class SharedStatus {

    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final int BEGUN = 0;
    private static final int ORDERLY = Long.BYTES;
    private static final int BEAT = 2 * Long.BYTES;
    static final int SIZE = 3 * Long.BYTES;

    private final ByteBuffer memory;

    /** In memory that is all zero at first. */
    SharedStatus(ByteBuffer memory) {
        this.memory = memory;
    }

    /**
     * In the parent: makes the file. Its blocks are written, so a full disk is noticed here and not by a signal later.
     */
    public static SharedStatus create(Path file) throws IOException {
        Files.write(file, new byte[SIZE], StandardOpenOption.CREATE_NEW);
        return open(file);
    }

    /**
     * In the worker: shares a file that exists. By way of a segment, since the JDK makes a mapped buffer by reflection,
     * and the first constructor that is called so costs a JVM that starts a fifth of its start.
     */
    public static SharedStatus open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new SharedStatus(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE, Arena.ofAuto())
                    .asByteBuffer());
        }
    }

    /** In the worker: begins a call. False if the parent has taken it back. */
    public boolean begin(long call) {
        while (true) {
            long begun = begun();
            if (begun >= call) {
                return false;
            }
            if (LONGS.compareAndSet(memory, BEGUN, begun, call)) {
                return true;
            }
        }
    }

    /** In the parent: takes the calls up to this one back, but those that have begun. Returns the last that has. */
    public long takeBack(long last) {
        while (true) {
            long begun = begun();
            if (begun >= last || LONGS.compareAndSet(memory, BEGUN, begun, last)) {
                return begun;
            }
        }
    }

    /** The call up to which all have begun or were taken back; 0 for none. */
    public long begun() {
        return (long) LONGS.getVolatile(memory, BEGUN);
    }

    /** In the worker, by one thread: a sign of life. */
    public void beat() {
        LONGS.setVolatile(memory, BEAT, beats() + 1);
    }

    /** How many signs of life there were. */
    public long beats() {
        return (long) LONGS.getVolatile(memory, BEAT);
    }

    /** In the worker: the JVM ends in good order. */
    public void endsOrderly() {
        memory.putLong(ORDERLY, 1);
    }

    /** In the parent, after the worker's end: whether it was in good order. */
    public boolean orderly() {
        return memory.getLong(ORDERLY) == 1;
    }
}
