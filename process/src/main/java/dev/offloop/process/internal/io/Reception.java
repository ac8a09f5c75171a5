package dev.offloop.process.internal.io;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where workers connect: the pool's folder with the socket in it. When a function has removed them, they are made again
 * for the next worker; those that are connected do not need them.
 */
final class Reception {

    private final Selector selector;

    /** The folder of the first worker, which was launched before it was made. */
    private final PoolFolder first;

    // ---- guarded by this; the I/O thread accepts from the channel that the selector reports

    private @Nullable PoolFolder folder;
    private @Nullable ServerSocketChannel server;
    private boolean closed;

    Reception(Selector selector, PoolFolder first) {
        this.selector = selector;
        this.first = first;
    }

    /** Returns the folder that the next worker uses. */
    synchronized PoolFolder folder() throws IOException {
        if (closed) {
            throw new IOException("the process pool has ended");
        }
        PoolFolder folder = this.folder;
        if (folder == null || !folder.isUsable()) {
            boolean isFirst = folder == null;
            close(false);
            folder = open(isFirst ? first : PoolFolder.choose());
            this.folder = folder;
        }
        return folder;
    }

    private PoolFolder open(PoolFolder made) throws IOException {
        assert Thread.holdsLock(this);
        made.make();
        try {
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server = channel;
            channel.bind(UnixDomainSocketAddress.of(made.socket())).configureBlocking(false);
            channel.register(selector, SelectionKey.OP_ACCEPT);
            selector.wakeup();
            return made;
        } catch (IOException | RuntimeException | Error e) {
            made.delete();
            throw e;
        }
    }

    /** Returns the next connection; null if there is none. */
    static @Nullable SocketChannel accept(SelectionKey key) throws IOException {
        return key.channel() instanceof ServerSocketChannel server ? server.accept() : null;
    }

    /** Removes the folder, if nothing that runs uses it. */
    synchronized void deleteFolder() {
        PoolFolder folder = this.folder;
        if (folder != null) {
            folder.delete();
        }
    }

    synchronized void close(boolean forEver) {
        closed |= forEver;
        ServerSocketChannel server = this.server;
        if (server != null) {
            try {
                server.close();
            } catch (IOException e) {
                // nothing is left to close
            }
            this.server = null;
        }
        deleteFolder();
        folder = null;
    }

    /** Returns where the folders of all pools of this user are; null before the first worker. */
    synchronized @Nullable Path parent() {
        PoolFolder folder = this.folder;
        return folder == null ? null : folder.path().getParent();
    }
}
