package dev.offloop.process.internal.worker;

import dev.offloop.RemoteCallable;
import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameReader;
import dev.offloop.process.internal.wire.FrameType;
import dev.offloop.process.internal.wire.FrameWriter;
import dev.offloop.process.internal.wire.Handshake;
import dev.offloop.process.internal.wire.SharedStatus;
import dev.offloop.process.internal.wire.Values;
import dev.offloop.process.internal.wire.Writing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A worker that is its own parent: runs what every worker runs at first, and loads the classes that other workers have
 * loaded, so that its JVM can remember them in an AOT cache. The main thread is the worker; another plays the parent
 * and sends it some calls. No function of the user's runs here, and no class of theirs is initialized.
 */
final class WorkerTraining implements Runnable {

    private static final int ROUNDS = 20;
    private static final long WORKER = 1;

    private final Path folder;
    private final ServerSocketChannel server;
    private final ClassList classes;
    private final FrameReader reader = new FrameReader();

    private WorkerTraining(Path folder, ServerSocketChannel server, ClassList classes) {
        this.folder = folder;
        this.server = server;
        this.classes = classes;
    }

    /**
     * Ends as a worker does.
     *
     * @param args the file with the names of the classes
     */
    static void main(String[] args) throws IOException, ReflectiveOperationException {
        Path folder = Files.createTempDirectory("offloop-aot-");
        Path socket = folder.resolve(Handshake.SOCKET);
        var training = new WorkerTraining(
                folder,
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket)),
                new ClassList(new TreeSet<>(Files.readAllLines(Path.of(args[0])))));
        Runtime.getRuntime().addShutdownHook(new Thread(training::clean));
        Path status = status(folder);
        SharedStatus.create(status);
        long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
        var in = new ByteArrayOutputStream();
        new Handshake(socket.toString(), status.toString(), WORKER, 0, "0".repeat(Handshake.TOKEN_LENGTH), parent)
                .writeTo(in);
        System.setIn(new ByteArrayInputStream(in.toByteArray()));
        Thread.ofPlatform().daemon().name("offloop-parent").start(training);
        WorkerMain.main(args);
    }

    private static Path status(Path folder) {
        return folder.resolve(Handshake.STATUS + WORKER);
    }

    private void clean() {
        for (Path file : List.of(folder.resolve(Handshake.SOCKET), status(folder), folder)) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // the system's temp cleaner will
            }
        }
    }

    // ---- the parent's thread

    @Override
    public void run() {
        try (SocketChannel control = server.accept(); // a worker connects in this order
                SocketChannel worker = server.accept()) {
            receive(control);
            receive(worker);
            long call = 0;
            send(control, new Frame(FrameType.CANCEL, call, new byte[0])); // too late, as many are
            for (int round = 0; round < ROUNDS; round++) {
                for (RemoteCallable<?> function : functions(round)) {
                    send(worker, ++call, Values.writeFunction(function, new Writing(false, null)));
                    receive(worker);
                }
            }
            classes.load(ClassLoader.getSystemClassLoader());
            send(worker, new Frame(FrameType.RETIRE, 0, new byte[0]));
            while (true) {
                receive(worker); // the control channel has to stay open as long as the worker lives
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<RemoteCallable<?>> functions(int round) {
        String text = "round " + round;
        List<String> list = new ArrayList<>(List.of(text));
        return List.of(() -> round + 1, () -> text + "!", () -> list, () -> new byte[100], () -> {
            throw new IllegalStateException(text);
        });
    }

    private static void send(SocketChannel worker, long call, Values.Written function) throws IOException {
        for (Values.Shape shape : function.shapes()) {
            send(worker, new Frame(FrameType.SHAPE, shape.id(), shape.description()));
        }
        send(worker, new Frame(FrameType.CALL, call, function));
    }

    private static void send(SocketChannel worker, Frame frame) throws IOException {
        boolean _ = new FrameWriter(List.of(frame)).writeTo(worker);
    }

    private void receive(SocketChannel worker) throws IOException {
        List<Frame> frames = new ArrayList<>();
        ByteBuffer piece = ByteBuffer.allocate(4096);
        while (frames.isEmpty()) {
            if (worker.read(piece.clear()) < 0) {
                park();
            }
            reader.feed(piece.flip(), frames::add);
        }
    }

    /** Until the process ends. */
    private static void park() {
        while (true) {
            java.util.concurrent.locks.LockSupport.park(WorkerTraining.class);
        }
    }
}
