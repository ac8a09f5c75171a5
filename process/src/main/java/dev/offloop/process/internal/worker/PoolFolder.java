package dev.offloop.process.internal.worker;

import dev.offloop.process.internal.wire.Handshake;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The folder of the pool that this worker belongs to. A parent that was killed leaves it behind, and its workers delete
 * it.
 *
 * @param path the folder
 */
record PoolFolder(Path path) {

    /** The one that the command line of this process names; null if there is none. */
    static @Nullable PoolFolder ofThisProcess() {
        String path = System.getProperty(Handshake.FOLDER);
        return path == null ? null : new PoolFolder(Path.of(path));
    }

    /** Whether it exists. A link of that name does not count: whatever it leads to was not made by a pool. */
    boolean exists() {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Whether no parent listens there any more. The kernel closes the socket of a process that dies, in whatever way,
     * before it gives its children another parent. A parent that does not answer, since it is suspended, say, still
     * listens.
     */
    boolean isAbandoned() {
        Path socket = path.resolve(Handshake.SOCKET);
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false); // neither a full backlog nor an interrupt matters
            probe.connect(UnixDomainSocketAddress.of(socket));
            return false;
        } catch (ConnectException refused) {
            return true;
        } catch (IOException e) {
            return Files.notExists(socket); // anything else, out of file descriptors say, proves nothing
        }
    }

    /**
     * Whether it can be deleted when it is empty. It cannot in a sandbox, where it is a mount point: then its files
     * have to stay too, since the next pool knows by the lock that it is abandoned.
     */
    private boolean isDeletable() {
        try {
            Files.delete(path);
            return false;
        } catch (DirectoryNotEmptyException asExpected) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Deletes it. Other workers may do so at the same time. */
    void delete() {
        if (!exists() || !isDeletable()) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path, Handshake.FILES)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // another worker was quicker
        }
    }
}
