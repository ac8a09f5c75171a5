package dev.offloop.process.internal.wire;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/**
 * Where the memory of a process is found by others.
 *
 * @param owner the process id
 * @param namespace of process ids, in which the owner has that one; empty if the system has none
 * @param path a file: a descriptor of the owner's, or one with a name
 * @param name unlike that of any other memory
 * @param key device and number of the file: a descriptor may be another file's by now
 * @param size in bytes
 */
public record SharedSource(long owner, String namespace, String path, String name, String key, long size) {

    private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");

    private static final String UNREACHABLE = " cannot be reached from this process, which sees other process ids:"
            + " it is in a Sandbox, or behind a commandPrefix that does the same. Send it the data as an argument,"
            + " or let it read a file";

    private static final String GONE = " is not there any more: it was closed before this call began, or its process"
            + " has ended. Close it after the calls that use it";

    /** The namespace of this process's id. */
    static String ownNamespace() {
        try {
            return Files.readSymbolicLink(NAMESPACE).toString();
        } catch (IOException | UnsupportedOperationException notThisSystem) {
            return "";
        }
    }

    /** What tells a file from all others that exist. */
    static String keyOf(BasicFileAttributes file) {
        return String.valueOf(file.fileKey());
    }

    /**
     * Maps the memory into this process.
     *
     * @throws IllegalStateException if it is not there any more, or cannot be reached from this process
     */
    MemorySegment map(Arena arena, boolean writable) {
        Path file = Path.of(path);
        Set<OpenOption> options =
                writable ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE) : Set.of(StandardOpenOption.READ);
        try {
            check(file); // before it is opened: to open what is no plain file could do anything
            try (FileChannel channel = FileChannel.open(file, options)) {
                check(file);
                return channel.map(
                        writable ? FileChannel.MapMode.READ_WRITE : FileChannel.MapMode.READ_ONLY, 0, size, arena);
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /**
     * Checks that it is still there.
     *
     * @throws IllegalStateException if it is not
     */
    void check() {
        try {
            check(Path.of(path));
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private IllegalStateException unreadable(IOException e) {
        return new IllegalStateException(
                this + (isElsewhere() ? UNREACHABLE : " cannot be mapped by this process: " + e), e);
    }

    private void check(Path file) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            throw new IllegalStateException(this + (isElsewhere() ? UNREACHABLE : GONE), e);
        }
        if (!keyOf(attributes).equals(key) || attributes.size() != size) {
            throw new IllegalStateException(this + (isElsewhere() ? UNREACHABLE : GONE));
        }
    }

    private boolean isElsewhere() {
        return !namespace.equals(ownNamespace());
    }

    @Override
    public String toString() {
        return "The shared memory of process " + owner + " (" + size + " bytes)";
    }
}
