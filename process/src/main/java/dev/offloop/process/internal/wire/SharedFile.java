package dev.offloop.process.internal.wire;

import dev.offloop.process.internal.util.Forgotten;
import dev.offloop.process.internal.util.Log;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Memory that this process owns and others may map: a file in memory that no folder has.
 *
 * <p><b>How others find it.</b> The file has a name only while it is opened. After that it is reached through this
 * process's descriptor, {@code /proc/PID/fd/N}, by processes of the same user. So the kernel frees the memory when the
 * last process has closed and unmapped it, in whatever way the processes end. Where there is no {@code /proc}, the file
 * keeps its name until the memory is closed or this JVM exits.
 *
 * <p><b>All of it is there from the start</b>: zeros are written into it, some 0.4 s for a GiB. A file that was only
 * made long enough would get its pages when they are touched first, and the system would answer with a signal where it
 * has none left.
 *
 * <p><b>Forgotten memory</b> is closed when the garbage collector finds it. The segment has no reference to it, since
 * only native code could give it one. So whoever has only the segment may find it closed.
 */
public final class SharedFile implements SharedRegion {

    private static final int PIECE = 1024 * 1024;
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Those that are open, by name. */
    private static final Map<String, WeakReference<SharedFile>> OPEN = new ConcurrentHashMap<>();

    private final Resources resources;
    private final Cleaner.Cleanable cleanable;

    private SharedFile(Resources resources) {
        this.resources = resources;
        this.cleanable = Forgotten.watch(this, resources);
    }

    /**
     * Makes memory of a size.
     *
     * @param content what is in it; null for zeros
     * @throws UncheckedIOException if there is no room, or no file can be made
     */
    public static SharedFile create(long size, byte @Nullable [] content) {
        return create(SharedFolder.find(), size, content);
    }

    /** In a folder. */
    static SharedFile create(SharedFolder folder, long size, byte @Nullable [] content) {
        boolean interrupted = Thread.interrupted(); // it would close the channel
        try {
            folder.checkRoom(size);
            try {
                var file = new SharedFile(open(folder, size, content));
                OPEN.put(file.resources.source.name(), new WeakReference<>(file));
                return file;
            } catch (IOException e) {
                throw folder.failed(size, e);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // what is returned closes it
    private static Resources open(SharedFolder folder, long size, byte @Nullable [] content) throws IOException {
        String name = "offloop-" + UUID.randomUUID();
        Path file = folder.path().resolve(name);
        FileChannel channel = folder.open(file);
        Arena arena = Arena.ofShared();
        boolean done = false;
        try {
            fill(channel, size, content);
            Path seen = folder.keepsNames() ? file : descriptorOf(file);
            var source = new SharedSource(
                    ProcessHandle.current().pid(),
                    SharedSource.ownNamespace(),
                    seen.toString(),
                    name,
                    SharedSource.keyOf(Files.readAttributes(seen, BasicFileAttributes.class)),
                    size);
            MemorySegment segment = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
            done = true;
            return new Resources(source, channel, arena, segment, folder.keepsNames() ? file : null);
        } finally {
            if (!done) {
                arena.close();
                channel.close();
                Files.deleteIfExists(file);
            }
        }
    }

    private static void fill(FileChannel channel, long size, byte @Nullable [] content) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment piece = arena.allocate(Math.min(size, PIECE));
            for (long at = 0; at < size; at += piece.byteSize()) {
                int length = (int) Math.min(piece.byteSize(), size - at);
                if (content != null) {
                    MemorySegment.copy(content, (int) at, piece, ValueLayout.JAVA_BYTE, 0, length);
                }
                ByteBuffer bytes = piece.asSlice(0, length).asByteBuffer();
                while (bytes.hasRemaining()) {
                    channel.write(bytes, at + bytes.position());
                }
            }
        }
    }

    /** Finds the descriptor that a file, which has lost its name, is open as; by that name, which no other ever had. */
    private static Path descriptorOf(Path file) throws IOException {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path each : descriptors) {
                if (linksTo(each, file)) {
                    return Path.of(
                            "/proc/" + ProcessHandle.current().pid() + "/fd",
                            each.getFileName().toString());
                }
            }
        }
        throw new IOException("The descriptor of " + file + " was not found in " + DESCRIPTORS);
    }

    private static boolean linksTo(Path descriptor, Path file) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith(file.toString());
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    /** The memory of a source, if this process owns it and has not closed it. */
    public static @Nullable SharedFile find(SharedSource source) {
        WeakReference<SharedFile> open = OPEN.get(source.name());
        return open == null ? null : open.get();
    }

    @Override
    public SharedSource source() {
        resources.checkOpen();
        return resources.source;
    }

    @Override
    public long size() {
        return resources.source.size();
    }

    @Override
    public MemorySegment segment() {
        resources.checkOpen();
        return resources.segment;
    }

    /**
     * Frees the memory, as far as this process has it.
     *
     * @throws IllegalStateException if another thread reads a file into it, say; then it stays open
     */
    @Override
    public void close() {
        resources.close();
        cleanable.clean();
    }

    /** What is to be freed. */
    private static final class Resources implements Runnable {
        private final SharedSource source;
        private final FileChannel channel;
        private final Arena arena;
        private final MemorySegment segment;
        private final @Nullable Path named;

        Resources(SharedSource source, FileChannel channel, Arena arena, MemorySegment segment, @Nullable Path named) {
            this.source = source;
            this.channel = channel;
            this.arena = arena;
            this.segment = segment;
            this.named = named;
        }

        void checkOpen() {
            if (!arena.scope().isAlive()) {
                throw new IllegalStateException(
                        "This shared memory (" + source.size() + " bytes) is closed: it was closed by its owner");
            }
        }

        synchronized void close() {
            if (!arena.scope().isAlive()) {
                return;
            }
            arena.close();
            OPEN.remove(source.name());
            try {
                channel.close();
                if (named != null) {
                    Files.deleteIfExists(named);
                }
            } catch (IOException e) {
                // a file that another process has mapped stays until this JVM exits, on some systems
            }
        }

        /** The garbage collector has found it. */
        @Override
        public void run() {
            if (arena.scope().isAlive()) {
                Log.OFFLOOP.log(
                        System.Logger.Level.WARNING,
                        "A SharedMemory of " + source.size() + " bytes was not closed before the last reference to it"
                                + " was dropped, and is closed now. Its segments cannot be used any more."
                                + " Use it in a try block, or call close()");
                close();
            }
        }
    }
}
