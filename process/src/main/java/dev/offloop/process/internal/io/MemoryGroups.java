package dev.offloop.process.internal.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where this process may make control groups (cgroups, version 2) with a limit of memory: one for each worker.
 *
 * <p><b>Which groups are ours to use.</b> A process may divide the resources of a group only if that was delegated to
 * it, and a group that has processes itself cannot be divided. So it is the group above that of this process, if
 * systemd has marked it as delegated, as it does with {@code Delegate=yes} and {@code DelegateSubgroup=}; or the one
 * that the system property {@value #PROPERTY} names. To be able to write to a group, as root and a user's own systemd
 * are, does not make it ours.
 *
 * <p><b>What is left of them.</b> A group cannot be removed while there are processes in it: one that a function has
 * left behind keeps it. So removal is tried again at the next occasion. The groups of a process that was killed are
 * removed by the next pool that uses the same place.
 */
final class MemoryGroups {

    /** The system property that names a group of groups. */
    static final String PROPERTY = "offloop.cgroup";

    private static final String PREFIX = "offloop-";
    private static final AtomicLong MADE = new AtomicLong();

    /** Those of this process that could not be removed yet. */
    private static final Queue<Path> LEFT = new ConcurrentLinkedQueue<>();

    private final Path parent;

    private MemoryGroups(Path parent) {
        this.parent = parent;
    }

    /**
     * Finds the place; null if there is none.
     *
     * @throws IllegalStateException if the place that the property names is none
     */
    static @Nullable MemoryGroups find() {
        String named = System.getProperty(PROPERTY);
        if (named != null) {
            var groups = new MemoryGroups(Path.of(named));
            try {
                groups.probe();
                return groups;
            } catch (IOException | RuntimeException e) {
                throw new IllegalStateException(
                        "The system property " + PROPERTY + " names " + named
                                + ", and this process cannot make a cgroup (version 2) with a memory limit there: " + e,
                        e);
            }
        }
        try {
            Path own = ownGroup();
            Path above = own == null ? null : own.getParent();
            if (above != null && isDelegated(above)) {
                var groups = new MemoryGroups(above);
                groups.probe();
                return groups;
            }
        } catch (IOException | RuntimeException notHere) {
            // there is another way
        }
        return null;
    }

    /** The folder of this process's group; null if there is no version 2. */
    private static @Nullable Path ownGroup() throws IOException {
        String mounted = null;
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
            for (String mount : (Iterable<String>) mounts::iterator) {
                if (mount.contains(" - cgroup2 ")) {
                    mounted = mount;
                }
            }
        }
        if (mounted == null) {
            return null;
        }
        List<String> fields = List.of(mounted.split(" ", -1));
        Path root = Path.of(fields.get(3));
        Path mountPoint = Path.of(fields.get(4));
        for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
            if (line.startsWith("0::")) {
                Path group = Path.of(line.substring(3));
                return group.startsWith(root) && !group.equals(root)
                        ? mountPoint.resolve(root.relativize(group))
                        : null;
            }
        }
        return null;
    }

    /** Whether systemd has marked it so. */
    private static boolean isDelegated(Path group) throws IOException {
        var attributes = Files.getFileAttributeView(group, UserDefinedFileAttributeView.class);
        if (attributes == null || !attributes.list().contains("delegate")) {
            return false;
        }
        ByteBuffer value = ByteBuffer.allocate(attributes.size("delegate"));
        attributes.read("delegate", value);
        return StandardCharsets.US_ASCII.decode(value.flip()).toString().equals("1");
    }

    /** Makes a group and removes it. */
    private void probe() throws IOException {
        Path control = parent.resolve("cgroup.subtree_control");
        if (!Files.readString(control).contains("memory")) {
            Files.writeString(control, "+memory");
        }
        create(Long.MAX_VALUE / 2).delete();
    }

    /** Makes the group of a worker. */
    MemoryGroup create(long limit) throws IOException {
        deleteLeft();
        Path path = parent.resolve(PREFIX + ProcessHandle.current().pid() + "-" + MADE.incrementAndGet());
        Files.createDirectory(path);
        var group = new MemoryGroup(path, limit);
        try {
            group.setUp();
            return group;
        } catch (IOException | RuntimeException | Error e) {
            group.delete();
            throw e;
        }
    }

    static void deleteLater(Path group) {
        LEFT.add(group);
    }

    private static void deleteLeft() {
        for (Path group : List.copyOf(LEFT)) {
            if (isDeleted(group)) {
                LEFT.remove(group);
            }
        }
    }

    static boolean isDeleted(Path group) {
        try {
            Files.deleteIfExists(group);
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }

    /** Removes the groups of processes that have gone. */
    void deleteAbandoned() {
        deleteLeft();
        try (DirectoryStream<Path> groups = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path group : groups) {
                if (ownerOf(group) > 0 && ProcessHandle.of(ownerOf(group)).isEmpty()) {
                    boolean _ = isDeleted(group);
                }
            }
        } catch (IOException | RuntimeException notNow) {
            // another pool will
        }
    }

    /** The process that has made a group, as its name says; 0 if it does not. */
    private static long ownerOf(Path group) {
        String name = String.valueOf(group.getFileName());
        String number = name.substring(PREFIX.length(), Math.max(PREFIX.length(), name.lastIndexOf('-')));
        return number.matches("[0-9]{1,18}") ? Long.parseLong(number) : 0;
    }
}
