package dev.offloop.process.internal.io;

import dev.offloop.process.internal.wire.Handshake;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A folder in the system's temp folder, which only this user may enter: the socket that workers connect to, the files
 * through which they share their status, and their crash reports.
 *
 * <p><b>Who removes it.</b> The pool, when it ends. If this process is killed, the last of its workers. If there is
 * none, the next pool of the same user, which sees by the lock on a file in the folder that its owner is gone. A folder
 * is made under another name and gets its own when the lock is held, so that none is taken for an abandoned one. A
 * process that is killed in between leaves that one behind, which is abandoned when it is a minute old.
 */
final class PoolFolder {

    private static final String PREFIX = "offloop-";
    private static final String UNLOCKED_PREFIX = "." + PREFIX;

    /** A process locks the folder that it has made long before. */
    private static final Duration LONGEST_MAKING = Duration.ofMinutes(1);

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The folders of this process: a process does not exclude itself by a lock, and would lose it by trying. */
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path path;
    private @Nullable FileChannel lock;

    private PoolFolder(Path path) {
        this.path = path;
    }

    /** Chooses a name. The folder itself is there after {@link #make}. */
    static PoolFolder choose() {
        byte[] name = new byte[8];
        RANDOM.nextBytes(name);
        return new PoolFolder(Path.of(System.getProperty("java.io.tmpdir"))
                .toAbsolutePath()
                .resolve(PREFIX + HexFormat.of().formatHex(name)));
    }

    static PoolFolder create() throws IOException {
        PoolFolder folder = choose();
        folder.make();
        return folder;
    }

    void make() throws IOException {
        Path unlocked = Files.createTempDirectory(UNLOCKED_PREFIX); // of mode 0700
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    unlocked.resolve(Handshake.LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            channel.lock();
            OURS.add(path);
            Files.move(unlocked, path, StandardCopyOption.ATOMIC_MOVE);
            lock = channel;
        } catch (IOException | RuntimeException | Error e) {
            OURS.remove(path);
            if (channel != null) {
                channel.close();
            }
            deleteAll(unlocked);
            throw e;
        }
    }

    Path path() {
        return path;
    }

    Path socket() {
        return path.resolve(Handshake.SOCKET);
    }

    Path status(long worker) {
        return path.resolve(Handshake.STATUS + worker);
    }

    /** Where the JVM of a worker writes its report if it crashes. It may know its process by another id. */
    Path crashReport(long worker) {
        return path.resolve(Handshake.REPORT + worker + ".log");
    }

    /** Where the JVM of a worker writes which classes it loads, if it is asked to. */
    Path classes(long worker) {
        return path.resolve(Handshake.CLASSES + worker);
    }

    /** Whether workers that start can still connect: a function may have removed the folder. */
    boolean isUsable() {
        return Files.exists(socket(), LinkOption.NOFOLLOW_LINKS);
    }

    void delete() {
        deleteAll(path);
        FileChannel lock = this.lock;
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            // the lock ends with this process
        }
        OURS.remove(path);
    }

    /** Removes the folders of processes of this user that have gone. */
    static void deleteAbandoned(Path temp) {
        deleteIf(temp, PREFIX, PoolFolder::isAbandoned);
        deleteIf(temp, UNLOCKED_PREFIX, folder -> isOld(folder) && !isLocked(folder));
    }

    private static void deleteIf(Path temp, String prefix, Predicate<Path> abandoned) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(temp, prefix + "*")) {
            for (Path folder : folders) {
                if (abandoned.test(folder)) {
                    deleteAll(folder);
                }
            }
        } catch (IOException | RuntimeException notNow) {
            // another pool will
        }
    }

    private static boolean isAbandoned(Path folder) {
        return !OURS.contains(folder.toAbsolutePath()) && hasLock(folder) && !isLocked(folder);
    }

    private static boolean hasLock(Path folder) {
        return Files.isRegularFile(folder.resolve(Handshake.LOCK), LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isOld(Path folder) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(folder, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            Instant made = attributes.lastModifiedTime().toInstant();
            return attributes.isDirectory() && made.isBefore(Instant.now().minus(LONGEST_MAKING));
        } catch (IOException gone) {
            return false;
        }
    }

    private static boolean isLocked(Path folder) {
        if (!hasLock(folder)) {
            return false;
        }
        Path file = folder.resolve(Handshake.LOCK);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock free = channel.tryLock()) {
            return free == null;
        } catch (IOException | OverlappingFileLockException another) {
            return true; // another user's, or gone
        }
    }

    /** Deletes a folder and the files in it. What a function has put there that is not so simple stays. */
    static void deleteAll(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                deleteQuietly(file);
            }
        } catch (IOException | RuntimeException e) {
            // gone already
        }
        deleteQuietly(folder);
    }

    static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // the system's temp cleaner will
        }
    }
}
