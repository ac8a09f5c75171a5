package dev.offloop.process.internal.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The memory of other processes that a worker has mapped for the call that it runs. It is mapped when the call is read,
 * once however often the call refers to it, and unmapped when the call ends: a worker that kept it would keep it from
 * being freed.
 *
 * <p>For the worker's main thread, but for {@link #get}.
 */
public final class CallMemory {

    private record Key(String name, boolean writable) {}

    /** All that is mapped in this process. */
    private static final Map<Key, MappedFile> MAPPED = new ConcurrentHashMap<>();

    /** Set while a thread reads a call. */
    private static final ThreadLocal<CallMemory> READER = new ThreadLocal<>();

    private final List<Key> ofThisCall = new ArrayList<>();

    /** What a thread that a function has left behind keeps from being unmapped. */
    private final List<MappedFile> inUse = new ArrayList<>();

    /** Of a worker. */
    public CallMemory() {}

    /** Maps what is read by this thread, until {@link #endReading}. */
    public void beginReading() {
        READER.set(this);
    }

    /** Maps nothing more: what is read from now on was not sent with the call. */
    public void endReading() {
        READER.remove();
    }

    /**
     * The memory of a source, mapped. By any thread if the call has brought it.
     *
     * @throws IllegalStateException if it cannot be mapped, or was not sent by the process that owns it
     */
    public static MappedFile get(SharedSource source, boolean writable) {
        var key = new Key(source.name(), writable);
        MappedFile known = MAPPED.get(key);
        if (known != null && known.isOpen()) {
            return known;
        }
        CallMemory reader = READER.get();
        if (reader == null) {
            throw new IllegalStateException(source + " cannot be mapped here: a worker cannot return memory that it has"
                    + " allocated, which would be gone with it. Allocate it in this process, send it as writable(),"
                    + " and fill it in the worker");
        }
        MappedFile file = new MappedFile(source, writable);
        MAPPED.put(key, file);
        reader.ofThisCall.add(key);
        return file;
    }

    /** The call has ended: unmaps what it has brought. */
    public void end() {
        endReading();
        if (ofThisCall.isEmpty() && inUse.isEmpty()) {
            return;
        }
        for (Key key : ofThisCall) {
            MappedFile file = MAPPED.remove(key);
            if (file != null) {
                inUse.add(file);
            }
        }
        ofThisCall.clear();
        inUse.removeIf(MappedFile::tryClose);
    }

    /** What the call has brought stays mapped for as long as this process lives: what runs later is to find it. */
    public void keep() {
        endReading();
        ofThisCall.clear();
    }
}
