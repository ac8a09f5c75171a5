package dev.offloop.process;

import dev.offloop.process.internal.wire.BorrowedFile;
import dev.offloop.process.internal.wire.CallMemory;
import dev.offloop.process.internal.wire.SharedFile;
import dev.offloop.process.internal.wire.SharedRegion;
import dev.offloop.process.internal.wire.SharedSource;
import dev.offloop.process.internal.wire.Values;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Memory that worker processes see without a copy. A function that has captured it gets the same memory, mapped into
 * its worker:
 *
 * <pre>{@code
 * try (SharedMemory memory = SharedMemory.allocate(1L << 30)) {
 *     read(file, memory.segment());
 *     CompletableFuture<Long> sum = pool.submit(() -> sum(memory.segment()));
 *     …
 * }
 * }</pre>
 *
 * <ul>
 *   <li><b>In this process</b> the {@linkplain #segment() segment} can be read and written, by any thread.
 *   <li><b>In a worker</b> it can only be read, unless {@link #writable()} was sent. It is there until the call ends.
 *       It stays mapped for calls that follow and were sent it too. It is unmapped when one begins that was not, soon
 *       after it was closed, and after ten seconds without a call; later accesses throw {@link IllegalStateException}.
 *       What an {@linkplain ProcessPoolExecutor.Builder#initializer initializer} was sent, or the function that makes
 *       the state of a {@link WorkerSession}, stays mapped as long as its worker lives.
 *   <li><b>What is written is seen</b> by all processes, without an order, as between threads without synchronization.
 *       What was written before a call was submitted is seen by its function, and what the function has written is seen
 *       when its future is done. A {@link java.lang.invoke.VarHandle} of a layout has accesses with more guarantees,
 *       which hold between processes too.
 *   <li><b>A call that is killed or crashes</b> leaves what it has written so far.
 *   <li><b>Closing</b> frees the memory when the workers have unmapped it. Calls that run keep it; one that has not
 *       begun fails with a {@link NotTransferableException}, and so does one that is submitted later. A call that waits
 *       or runs keeps its memory from being forgotten, not from being closed.
 *   <li><b>Memory that is forgotten</b> is closed when the garbage collector finds it, with a warning in the log. Keep
 *       the {@code SharedMemory} as long as its segment is used: a segment has no reference to it. When this JVM ends,
 *       by {@code kill -9} too, the memory is freed as soon as no worker uses it, and nothing is left of it.
 *   <li><b>Results:</b> a function may return memory that it was sent. What arrives can be read only, unless it was
 *       sent as writable, and to close it frees nothing. Memory that a worker has allocated cannot be returned: it
 *       would be gone with the worker. Allocate it here, and have it filled.
 *   <li><b>Functions that are not trusted:</b> read-only memory keeps a function from changing it by mistake. It does
 *       not keep out hostile code, which can open the file of this process for writing. Workers in a {@link Sandbox}
 *       cannot map it at all.
 * </ul>
 *
 * <p><b>Where it is.</b> In a file without a name in {@code /dev/shm}, which is memory. Its size counts as memory of
 * this process where such is limited, not as a worker's. Where there is no {@code /dev/shm}, it is in the temp folder;
 * the system property {@code offloop.sharedMemory} names any other folder. On systems without {@code /proc} the file
 * has a name until the memory is closed, and a JVM that is killed leaves it behind.
 *
 * <p>Counterpart of {@code multiprocessing.shared_memory.SharedMemory}.
 */
public final class SharedMemory implements AutoCloseable, Serializable {

    @Serial
    private static final long serialVersionUID = 1;

    private final transient SharedRegion region;
    private final transient boolean writable;

    private SharedMemory(SharedRegion region, boolean writable) {
        this.region = region;
        this.writable = writable;
    }

    /**
     * Allocates memory that is all zero. The system provides all of it at once, which takes some 0.4 s for each GiB, so
     * that it cannot run out of it later.
     *
     * @param bytes the size in bytes, at least 1
     * @return the memory
     * @throws IllegalArgumentException if the size is less than 1
     * @throws java.io.UncheckedIOException if there is not as much memory, or not in {@code /dev/shm}; the message has
     *     the figures
     */
    public static SharedMemory allocate(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("Shared memory has at least 1 byte, not " + bytes);
        }
        return new SharedMemory(SharedFile.create(bytes, null), false);
    }

    /**
     * Allocates memory with a content.
     *
     * @param bytes what is copied into it; at least one
     * @return the memory
     * @throws IllegalArgumentException if the array is empty
     * @throws java.io.UncheckedIOException as {@link #allocate} does
     */
    public static SharedMemory copyOf(byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes");
        if (bytes.length == 0) {
            throw new IllegalArgumentException("Shared memory has at least 1 byte, and this array is empty");
        }
        return new SharedMemory(SharedFile.create(bytes.length, bytes), false);
    }

    /**
     * Returns this memory for functions that may write into it. It is the same memory, which need not be closed twice.
     *
     * @return what is to be captured
     * @throws IllegalStateException in a function that was sent this memory to be read only
     */
    public SharedMemory writable() {
        if (writable) {
            return this;
        }
        if (!(region instanceof SharedFile)) {
            throw new IllegalStateException(
                    "This shared memory was sent to be read only: the process that owns it has to send writable()");
        }
        return new SharedMemory(region, true);
    }

    /**
     * Returns the memory as a segment. Every thread may use it, and slices of it, until the memory is closed; in a
     * worker until the call ends.
     *
     * @return the segment; {@linkplain MemorySegment#isReadOnly() read only} in a function that was not sent
     *     {@link #writable()}
     * @throws IllegalStateException if the memory is closed
     */
    public MemorySegment segment() {
        return region.segment();
    }

    /**
     * Returns the size of this memory, also after it was closed.
     *
     * @return the size in bytes
     */
    public long byteSize() {
        return region.size();
    }

    /**
     * Closes this memory in this process: each later access throws {@code IllegalStateException}. In the process that
     * has allocated it, this frees it, as soon as no worker has it mapped. Does nothing if it is closed.
     *
     * @throws IllegalStateException if another thread is just reading a file or socket into it, or writing one from it;
     *     it is not closed then
     */
    @Override
    public void close() {
        region.close();
    }

    @Override
    public String toString() {
        return "SharedMemory[" + byteSize() + " bytes" + (writable ? ", writable" : "") + "]";
    }

    @Serial
    private Object writeReplace() {
        SharedSource source = region.source();
        Values.sharesMemory();
        return new Handle(
                source.owner(),
                source.namespace(),
                source.path(),
                source.name(),
                source.key(),
                source.size(),
                writable);
    }

    @Serial
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("A SharedMemory is sent as a handle only");
    }

    /**
     * What is sent. The components are those of {@link SharedSource}.
     *
     * @param owner a process id
     * @param namespace of that id
     * @param path of the file
     * @param name of the memory
     * @param key of the file
     * @param size in bytes
     * @param writable whether the receiver may write
     */
    record Handle(long owner, String namespace, String path, String name, String key, long size, boolean writable)
            implements Serializable {

        @Serial
        private Object readResolve() {
            var source = new SharedSource(owner, namespace, path, name, key, size);
            SharedFile own = SharedFile.find(source);
            return new SharedMemory(
                    own != null ? new BorrowedFile(own, writable) : CallMemory.get(source, writable), writable);
        }
    }
}
