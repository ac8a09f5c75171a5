package dev.offloop.process.internal.wire;

import dev.offloop.internal.util.Alarm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The memory of other processes that a worker has mapped for its calls.
 *
 * <p><b>From when.</b> It is mapped when a call that it was sent with is read, once however often the call refers to
 * it. Values that are read at other times were not sent by the parent: they are results, of workers of this worker.
 *
 * <p><b>Until when.</b> To map memory is cheap, but each page costs when it is touched first, on some machines much
 * more than to read it. So it stays mapped for calls that follow and were sent it too. It is unmapped when one begins
 * that was not. A worker without a call unmaps what the owner has closed, since it would keep that from being freed,
 * and after a while everything.
 */
public final class CallMemory {

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private record Key(String name, boolean writable) {}

    /** All that is mapped in this process. */
    private static final Map<Key, MappedFile> MAPPED = new ConcurrentHashMap<>();

    /** Set while a thread reads a call. */
    private static final ThreadLocal<CallMemory> READER = new ThreadLocal<>();

    // ---- guarded by this

    /** What is mapped for calls. */
    private final Set<Key> held = new HashSet<>();

    /** What was sent with the call that is read or runs. */
    private final Set<Key> sent = new HashSet<>();

    /** What a thread that a function has left behind keeps from being unmapped. */
    private final List<MappedFile> inUse = new ArrayList<>();

    private boolean running;
    private long ended;

    /** Most workers never have such memory. */
    private @Nullable Alarm idle;

    /** Of a worker. */
    public CallMemory() {}

    /** Maps what is read by this thread, until {@link #endReading}. */
    public synchronized void beginReading() {
        READER.set(this);
        running = true;
    }

    /** Maps nothing more, and unmaps what was not sent with the call that was read. */
    public synchronized void endReading() {
        READER.remove();
        if (!held.isEmpty() || !inUse.isEmpty()) {
            unmapUnless(sent::contains);
        }
    }

    /**
     * The memory of a source, mapped.
     *
     * @throws IllegalStateException if it cannot be mapped, or was not sent by the process that owns it
     */
    public static MappedFile get(SharedSource source, boolean writable) {
        var key = new Key(source.name(), writable);
        CallMemory reader = READER.get();
        MappedFile file = reader != null ? reader.map(key, source) : MAPPED.get(key);
        if (file == null) {
            throw new IllegalStateException(source + " cannot be mapped here: a worker cannot return memory that it has"
                    + " allocated, which would be gone with it. Allocate it in this process, send it as writable(),"
                    + " and fill it in the worker");
        }
        return file;
    }

    private synchronized MappedFile map(Key key, SharedSource source) {
        boolean first = sent.add(key);
        MappedFile known = MAPPED.get(key);
        if (known != null && known.isOpen()) {
            if (first) {
                source.check(); // the owner may have closed it since
            }
            return known;
        }
        var file = new MappedFile(source, key.writable);
        MAPPED.put(key, file);
        held.add(key);
        return file;
    }

    /** The call has ended. */
    public synchronized void end() {
        READER.remove();
        sent.clear();
        running = false;
        if (!held.isEmpty() || !inUse.isEmpty()) {
            ended = System.nanoTime();
            lookAgain();
        }
    }

    /** The call has ended, and what was sent with it stays mapped for as long as this process lives. */
    public synchronized void keep() {
        held.removeAll(sent);
        end();
    }

    private void lookAgain() {
        assert Thread.holdsLock(this);
        if (idle == null) {
            idle = new Alarm(this::lookWhileIdle);
        }
        idle.setIn(LOOK_NANOS);
    }

    private synchronized void lookWhileIdle() {
        if (running) {
            return;
        }
        boolean forLong = System.nanoTime() - ended >= IDLE_NANOS;
        unmapUnless(key -> !forLong && isStillThere(key));
        if (!held.isEmpty() || !inUse.isEmpty()) {
            lookAgain();
        }
    }

    private static boolean isStillThere(Key key) {
        try {
            MappedFile file = MAPPED.get(key);
            if (file != null) {
                file.source().check();
                return true;
            }
            return false;
        } catch (IllegalStateException closed) {
            return false;
        }
    }

    private void unmapUnless(Predicate<Key> needed) {
        assert Thread.holdsLock(this);
        held.removeIf(key -> {
            if (needed.test(key)) {
                return false;
            }
            MappedFile file = MAPPED.remove(key);
            if (file != null) {
                inUse.add(file);
            }
            return true;
        });
        inUse.removeIf(MappedFile::tryClose);
    }
}
