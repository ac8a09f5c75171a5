package dev.offloop.process;

import dev.offloop.process.wire.Frame;
import dev.offloop.process.wire.FrameReader;
import dev.offloop.process.wire.FrameType;
import dev.offloop.process.wire.Handshake;
import dev.offloop.process.wire.WorkerNote;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * All talk with the workers of a pool, on one thread whatever their number.
 *
 * <p><b>The channel</b> is a Unix-domain socket in a folder that only this user can enter. A worker that connects proves
 * with its token that it is the process that was started; anybody else is hung up on.
 *
 * <p><b>The I/O thread</b> accepts, reads, writes what a submitting thread could not write at once, and looks after those
 * who are about to end. Reading the end of a worker's channel does not yet tell how the process ended, so the thread looks
 * again, soon and not for long, before it reports the worker gone; one that is still alive then is killed.
 *
 * <p>While short calls stream through it rests for a moment between looks, and then finds many answers. Else each of them
 * would wake it, and push the worker that has just written it, whose priority is lower, off its processor.
 *
 * <p><b>Starting</b> a process takes milliseconds, so a thread of its own does it, and neither the loop that submits nor
 * the I/O waits for it.
 */
final class Switchboard {

    /** What the switchboard reports, always on the I/O thread. */
    interface Listener {
        void connected(Worker worker);

        void answered(Worker worker, Frame frame);

        /** The process has ended, or could not be started; {@code problem} says why, then. */
        void gone(Worker worker, @Nullable Throwable problem);

        /** What the worker sent cannot be taken. It has been hung up on. */
        void unreadable(Worker worker, Throwable problem);

        /** Called on each round; returns when the next one is due at the latest. */
        long tick(long now);

        /** Whether short calls stream through, so that many answers are about to come. */
        boolean isInFullSwing();

        /** The I/O thread is about to end, and nothing is left behind. */
        void closed();
    }

    private static final int PIECE = 256 * 1024;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long START_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long END_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** The shortest that a system can rest, which is some 70 µs on Linux. */
    private static final long REST_NANOS = 20_000;

    /** A JVM that takes so long to start will never be ready; a debugger may hold it, say. */
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Listener listener;
    private final @Nullable OutputPump pump;
    private final String token = newToken();
    private final Path folder;
    private final Path socket;
    private final ServerSocketChannel server;
    private final Selector selector;
    private final Thread thread;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    private final Queue<Runnable> requests = new ConcurrentLinkedQueue<>();

    /** The workers that have a process and no channel, or no channel any more. Only used by the I/O thread. */
    private final Map<Long, Worker> starting = new LinkedHashMap<>();

    /** The workers that have a process, and whose control channel is not connected. Only used by the I/O thread. */
    private final Map<Long, Worker> withoutControl = new HashMap<>();

    private final List<Worker> ending = new ArrayList<>();
    private volatile boolean closed;

    /**
     * Of a pool.
     *
     * @param folder made by {@link #newFolder()}; the folder of that name is created here
     */
    Switchboard(PoolOptions options, Path folder, Listener listener) throws IOException {
        this.listener = listener;
        this.folder = create(folder);
        this.socket = this.folder.resolve(Handshake.SOCKET);
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        this.selector = Selector.open();
        this.pump = options.output() instanceof WorkerOutput.Lines(var lines)
                ? new OutputPump(options.name(), lines)
                : null;
        try {
            server.bind(UnixDomainSocketAddress.of(socket)).configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException | RuntimeException e) {
            closeAll();
            throw e;
        }
        this.thread = Thread.ofPlatform().daemon().name(options.name() + "-io").start(this::run);
    }

    /**
     * A name for the folder of a pool, which does not exist yet. The first worker is started with that name before the folder
     * is created, so a parent that is killed at any moment leaves a worker that deletes it, or no folder.
     */
    static Path newFolder() {
        Path parent = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
        return parent.resolve("offloop-"
                + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
    }

    private static Path create(Path folder) throws IOException {
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ours = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
        try {
            return Files.createDirectory(folder, ours);
        } catch (FileAlreadyExistsException foreign) { // another user can read its name, and be quicker
            return Files.createTempDirectory("offloop-");
        }
    }

    private static String newToken() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    // ---- from any thread

    /** Tells the process of a worker, which was just {@linkplain #launch launched}, what it is for. */
    void greet(Worker worker, Process process) {
        Throwable problem = null;
        Path noteFile = folder.resolve(Handshake.NOTE + worker.number);
        try {
            WorkerNote note = WorkerNote.create(noteFile);
            worker.started(process, note, pump == null ? null : pump.add(worker.number, process));
            try (OutputStream in = process.getOutputStream()) { // closed, since what functions start inherits it
                new Handshake(
                                socket.toString(),
                                noteFile.toString(),
                                worker.number,
                                token,
                                ProcessHandle.current().pid())
                        .writeTo(in);
            }
        } catch (IOException | RuntimeException | Error e) {
            problem = e;
            process.destroyForcibly();
        }
        Throwable result = problem;
        request(() -> startDone(worker, result));
    }

    /** Starts the process of a worker. Blocks for some milliseconds. */
    static Process launch(PoolOptions options, List<String> more) throws IOException {
        var builder = new ProcessBuilder(options.command().worker(more));
        if (options.directory() != null) {
            builder.directory(options.directory().toFile());
        }
        options.environment().forEach((variable, value) -> {
            if (value == null) {
                builder.environment().remove(variable);
            } else {
                builder.environment().put(variable, value);
            }
        });
        if (!(options.output() instanceof WorkerOutput.Lines)) {
            builder.redirectOutput(Redirect.INHERIT).redirectError(Redirect.INHERIT);
        }
        return builder.start();
    }

    private void startDone(Worker worker, @Nullable Throwable problem) {
        if (worker.hasProcess()) {
            worker.killAt = System.nanoTime() + START_NANOS;
            withoutControl.put(worker.number, worker);
            starting.put(worker.number, worker); // also when it did not hear the greeting: it has ended, or will
        } else {
            listener.gone(worker, problem);
        }
    }

    /** Sends calls; what cannot be written at once follows by itself. */
    void send(Worker worker, List<Outgoing> calls) {
        if (worker.send(calls)) {
            request(() -> watchForWriting(worker.channel()));
        }
    }

    /** Sends a frame, likewise. */
    void send(Worker worker, Frame frame) {
        if (worker.send(frame)) {
            request(() -> watchForWriting(worker.channel()));
        }
    }

    /** Asks a worker to end a call, likewise. */
    void cancel(Worker worker, Call<?> call) {
        if (worker.cancel(call.number)) {
            request(() -> watchForWriting(worker.controlChannel()));
        }
    }

    /** Makes the I/O thread take a round, so that it sees what has changed. */
    void wakeUp() {
        if (!isCurrent()) {
            selector.wakeup();
        }
    }

    /** Whether the calling thread is the I/O thread. */
    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Ends the I/O thread and removes the folder. */
    void close() {
        closed = true;
        selector.wakeup();
    }

    private void request(Runnable action) {
        requests.add(action);
        wakeUp();
    }

    // ---- the I/O thread

    private void run() {
        while (!closed) {
            try {
                select(round());
                if (listener.isInFullSwing()) {
                    LockSupport.parkNanos(this, REST_NANOS);
                }
            } catch (IOException | RuntimeException | Error e) { // of ours, or no memory: the others must go on
                Log.OFFLOOP.log(System.Logger.Level.ERROR, "The I/O thread of a process pool met an error", e);
            }
        }
        closeAll();
        listener.closed();
    }

    private void select(long until) throws IOException {
        if (until == Long.MAX_VALUE) {
            selector.select(this::handle);
            return;
        }
        long nanos = until - System.nanoTime();
        if (nanos > 0) {
            selector.select(this::handle, TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
        } else {
            selector.selectNow(this::handle);
        }
    }

    /** What does not come from a channel. Returns when to look again. */
    private long round() {
        for (Runnable request = requests.poll(); request != null; request = requests.poll()) {
            request.run();
        }
        long now = System.nanoTime();
        long next = listener.tick(now);
        reap(ending.iterator(), now);
        reap(starting.values().iterator(), now);
        if (!ending.isEmpty()) {
            next = Math.min(next, now + LOOK_NANOS);
        } else if (!starting.isEmpty()) {
            next = Math.min(next, now + START_LOOK_NANOS);
        }
        return next;
    }

    private void reap(Iterator<Worker> workers, long now) {
        while (workers.hasNext()) {
            Worker worker = workers.next();
            if (!worker.isAlive()) {
                workers.remove();
                withoutControl.remove(worker.number);
                deleteQuietly(folder.resolve(Handshake.NOTE + worker.number));
                worker.close();
                if (pump != null && worker.lines() != null) {
                    pump.finish(worker.lines());
                }
                listener.gone(worker, worker.problem);
            } else if (now >= worker.killAt) {
                worker.kill();
            }
        }
    }

    private void handle(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else if (key.attachment() instanceof Peer peer) {
                peer.handle(key);
            }
        } catch (ClosedChannelException e) {
            key.cancel();
        } catch (IOException e) {
            Log.OFFLOOP.log(System.Logger.Level.WARNING, "A worker could not be accepted", e);
        }
    }

    private void accept() throws IOException {
        SocketChannel channel = server.accept();
        if (channel != null) {
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, new Peer(channel));
        }
    }

    private void watchForWriting(@Nullable SocketChannel channel) {
        SelectionKey key = channel == null ? null : channel.keyFor(selector);
        if (key != null && key.isValid()) {
            key.interestOpsOr(SelectionKey.OP_WRITE);
        }
    }

    /** The other end of a channel: unknown until it has said its token, then a worker. */
    private final class Peer {
        private final SocketChannel channel;
        private final FrameReader reader = new FrameReader();
        private boolean isControl;
        private @Nullable Worker worker;

        Peer(SocketChannel channel) {
            this.channel = channel;
        }

        void handle(SelectionKey key) {
            if (key.isReadable()) {
                read(key);
            }
            Worker worker = this.worker;
            if (worker != null && key.isValid() && key.isWritable()) {
                boolean more = isControl ? worker.flushControl() : worker.flush();
                if (!more) {
                    key.interestOps(SelectionKey.OP_READ);
                }
            }
        }

        private void read(SelectionKey key) {
            try {
                int count;
                do {
                    count = channel.read(piece.clear());
                    if (count < 0) {
                        hangUp(key);
                        return;
                    }
                    reader.feed(piece.flip(), this::accept);
                } while (count == PIECE);
            } catch (IOException reset) {
                hangUp(key);
            } catch (RuntimeException | Error e) { // no frames of ours, or one too large
                hangUp(key);
                if (worker != null) {
                    listener.unreadable(worker, e);
                }
            }
        }

        private void accept(Frame frame) {
            if (worker == null) {
                recognize(frame);
            } else if (!isControl) {
                listener.answered(worker, frame);
            }
        }

        private void recognize(Frame hello) {
            isControl = hello.type() == FrameType.CONTROL_HELLO;
            Map<Long, Worker> missing = isControl ? withoutControl : starting;
            Worker known = missing.get(hello.id());
            if (known == null || (!isControl && hello.type() != FrameType.HELLO) || !Handshake.hasToken(hello, token)) {
                throw new IllegalArgumentException("not a worker of this pool");
            }
            missing.remove(hello.id());
            worker = known;
            if (isControl) {
                if (known.controlConnected(channel)) {
                    watchForWriting(channel);
                }
            } else {
                known.killAt = Long.MAX_VALUE;
                known.connected(channel);
                listener.connected(known);
            }
        }

        private void hangUp(SelectionKey key) {
            key.cancel();
            closeQuietly(channel);
            if (worker != null && !isControl) {
                worker.killAt = System.nanoTime() + END_NANOS;
                ending.add(worker);
            }
        }
    }

    private void closeAll() {
        if (pump != null) {
            pump.close();
        }
        closeQuietly(server);
        try {
            for (SelectionKey key : selector.keys()) {
                closeQuietly(key.channel());
            }
            selector.close();
        } catch (IOException e) {
            // nothing is left to close
        }
        deleteFolder();
    }

    /** Also called when the JVM ends. */
    void deleteFolder() {
        try (var files = Files.list(folder)) {
            files.forEach(Switchboard::deleteQuietly);
        } catch (IOException e) {
            // gone already
        }
        deleteQuietly(folder);
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // the system's temp cleaner will
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            // closed enough
        }
    }
}
