package dev.offloop.process.internal.worker;

import dev.offloop.Offload;
import dev.offloop.RemoteContext;
import dev.offloop.internal.util.UserCode;
import dev.offloop.process.NotTransferableException;
import dev.offloop.process.internal.wire.CallMemory;
import dev.offloop.process.internal.wire.ContextBytes;
import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameReader;
import dev.offloop.process.internal.wire.FrameType;
import dev.offloop.process.internal.wire.FunctionNames;
import dev.offloop.process.internal.wire.Handshake;
import dev.offloop.process.internal.wire.Protocol;
import dev.offloop.process.internal.wire.Reading;
import dev.offloop.process.internal.wire.RemoteFailure;
import dev.offloop.process.internal.wire.SharedStatus;
import dev.offloop.process.internal.wire.ValueReader;
import dev.offloop.process.internal.wire.Values;
import dev.offloop.process.internal.wire.Writing;
import dev.offloop.spi.TalkBack;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The program of a worker process.
 *
 * <p><b>Threads.</b> The main thread reads a call, runs it and writes its result; there is no hand-over between threads
 * in between, which a short call would feel. A watchdog thread ends the process when the parent is gone, whatever the
 * function does; a control thread ({@link Control}) reads which call is to be cancelled.
 *
 * <p><b>The parent's death</b> shows in three ways: the data channel ends, which the main thread sees when it next
 * reads or writes, the control channel ends, which the control thread sees at once, and the process has another parent,
 * which the watchdog sees.
 *
 * <p><b>What belongs to the function</b>: standard output and error, the heap, the main thread. Standard input is at
 * its end, for the function and for the processes that it starts. Ctrl-C in a terminal reaches the parent's whole
 * process group; here it is ignored, for the parent to decide.
 */
final class WorkerMain {

    private final WorkerChannel channel;
    private final CurrentCall current;

    /** What the name of its thread begins with. */
    private final String thread;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Protocol.BUFFER_SIZE);
    private final FrameReader frameReader = new FrameReader();
    private final Queue<Frame> frames = new ArrayDeque<>();
    private final Writing writing;
    private final Reading reading;
    private final ValueReader reader;
    private final FunctionNames names = new FunctionNames();
    private final CallMemory memory = new CallMemory();

    /** When the function of this call began, and ended; when its bytes had come. */
    private long begun;

    private long ended;
    private long arrived;

    /** The function after which its thread is named, and that name. */
    private @Nullable String function;

    private @Nullable String named;

    /** Of the call that comes next. */
    private @Nullable Frame context;

    WorkerMain(WorkerChannel channel, CurrentCall current, Reading reading, String thread) {
        this.channel = channel;
        this.current = current;
        this.writing = current.writing();
        this.reading = reading;
        this.reader = new ValueReader(reading);
        this.thread = thread;
    }

    /** Started by the parent only. */
    static void main(String[] args) throws IOException, ReflectiveOperationException {
        Signals.ignore("INT");
        UserCode.excludeModuleOf(WorkerMain.class);
        InputStream in = System.in;
        System.setIn(InputStream.nullInputStream()); // for the functions
        Handshake handshake;
        try {
            handshake = Handshake.readFrom(in);
        } catch (IOException parentDied) {
            ParentWatch.endWithoutHandshake();
            return;
        }
        Path socketFile = Path.of(handshake.socket());
        var folder = new PoolFolder(Objects.requireNonNull(socketFile.getParent()));
        var parent = new ParentWatch(handshake.parent(), folder, Path.of(handshake.status()));
        Thread.ofPlatform().daemon().name("offloop-parent-watch").start(parent);
        try {
            var socket = UnixDomainSocketAddress.of(socketFile);
            WorkerChannel controlChannel = WorkerChannel.connect(socket);
            WorkerChannel channel = WorkerChannel.connect(socket);
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            Writing writing = Writing.ofThisWorker(loader);
            CurrentCall current = CurrentCall.ofWorkerProcess(handshake.index(), writing);
            var worker = new WorkerMain(channel, current, new Reading(loader, null, writing.codec()), "");
            Thread.ofPlatform()
                    .daemon()
                    .name("offloop-control")
                    .start(new Control(controlChannel, current, worker::sendText, parent::end));
            controlChannel.write(handshake.controlHello());
            SharedStatus status = parent.status();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                status.endsOrderly();
                controlChannel.endReading(); // a JVM that exits waits 300 ms for threads that are in a system call
            }));
            channel.write(handshake.hello(Runtime.getRuntime().maxMemory()));
            if (!worker.serve(status)) {
                parent.end();
            }
        } catch (IOException hungUp) {
            parent.end();
        }
        // Not by returning: a function may have left a thread behind that would keep the process alive.
        System.exit(0);
    }

    /** Runs calls until the parent says that it is enough. False if the channel ends before that. */
    boolean serve(SharedStatus status) throws IOException {
        FrameType last = FrameType.HELLO;
        while (last != null && last != FrameType.RETIRE) {
            last = serveNext(status);
        }
        return last == FrameType.RETIRE;
    }

    /** A method of its own: while this thread waits, no variable of its stack may keep what was large. */
    private @Nullable FrameType serveNext(SharedStatus status) throws IOException {
        Frame frame = nextFrame();
        if (frame == null) {
            return null;
        }
        switch (frame.type()) {
            case SHAPE -> {
                reader.know((int) frame.id(), frame.payload());
                names.know((int) frame.id(), frame.payload());
            }
            case CONTEXT -> context = frame;
            case CALL -> {
                if (begin(status, frame.id())) {
                    answer(frame);
                }
            }
            default -> {}
        }
        return frame.type();
    }

    /** False if the parent has given the call to another worker. Whoever sees it begun can stop it. */
    private boolean begin(SharedStatus status, long call) {
        synchronized (current) {
            if (call != Protocol.INITIALIZER && !status.begin(call)) {
                return false;
            }
            current.begin(call);
            return true;
        }
    }

    /** The next frame, or null at the end of the channel. */
    private @Nullable Frame nextFrame() throws IOException {
        while (frames.isEmpty()) {
            if (channel.read(buffer.clear()) < 0) {
                return null;
            }
            frameReader.feed(buffer.flip(), frames::add);
        }
        return frames.poll();
    }

    private void answer(Frame call) throws IOException {
        arrived = System.nanoTime();
        begun = arrived;
        ended = arrived;
        Values.Written result;
        try {
            result = resultOf(run(call));
            end(call);
        } catch (Throwable thrown) {
            end(call);
            channel.write(
                    new Frame(FrameType.FAILURE, call.id(), Values.write(RemoteFailure.of(thrown), writing), times()));
            return;
        }
        channel.write(new Frame(FrameType.RESULT, call.id(), result, times()));
    }

    private void end(Frame call) {
        current.end();
        if (call.id() == Protocol.INITIALIZER || SessionStates.hasOpened()) {
            memory.keep();
        } else {
            memory.end();
        }
    }

    private Frame.Times times() {
        long run = ended - begun;
        return new Frame.Times(run, System.nanoTime() - arrived - run);
    }

    private @Nullable Object run(Frame call) throws Exception {
        String name = call.id() == Protocol.INITIALIZER ? FunctionNames.INITIALIZER : names.of(call.payload());
        nameThread(name);
        memory.beginReading();
        Callable<?> function;
        try {
            function = (Callable<?>) reader.read(call.payload(), call.body());
        } catch (NotTransferableException e) {
            throw new NotTransferableException("The function cannot be read in the worker: " + e.getMessage(), e);
        }
        if (function == null) {
            return null;
        }
        if (name == null) {
            nameThread(names.of(function.getClass()));
        }
        RemoteContext context = contextOf(call.id());
        memory.endReading();
        begun = System.nanoTime();
        try {
            return context.call(() -> Offload.within(new ToParent(call.id()), function));
        } finally {
            ended = System.nanoTime();
        }
    }

    /**
     * Renames the worker's thread, so that logs and thread dumps show which function it runs. It keeps the name after
     * the call: a name costs a system call of 2.5 µs, several percent of a short call, so it is changed for another
     * function only.
     */
    @SuppressWarnings("ReferenceEquality") // of equal names another string is as good, but they come from one cache
    private void nameThread(@Nullable String name) {
        Thread main = Thread.currentThread();
        if (name != null && (function != name || main.getName() != named)) {
            function = name;
            named = thread.isEmpty() ? name : thread + name;
            main.setName(named);
        }
    }

    private RemoteContext contextOf(long call) {
        Frame sent = context;
        context = null;
        return sent == null || sent.id() != call ? RemoteContext.EMPTY : ContextBytes.read(sent.payload(), reading);
    }

    /** From the function, on its thread. */
    private final class ToParent implements TalkBack {
        private final long call;

        ToParent(long call) {
            this.call = call;
        }

        @Override
        public void checkCancelled() {
            current.checkCancelled();
        }

        @Override
        public void progress(@Nullable Object value) {
            try {
                send(FrameType.PROGRESS, call, Values.write(value, writing));
            } catch (IOException hungUp) {
                throw new UncheckedIOException("The parent cannot be reached", hungUp);
            }
        }
    }

    private Values.Written resultOf(@Nullable Object result) {
        try {
            return Values.write(result, writing);
        } catch (NotTransferableException e) {
            throw new NotTransferableException("The function's result cannot be sent: " + e.getMessage(), e);
        }
    }

    void sendText(FrameType type, long call, String text) {
        try {
            channel.write(new Frame(type, call, text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException hungUp) {
            throw new UncheckedIOException(hungUp);
        }
    }

    private void send(FrameType type, long id, Values.Written value) throws IOException {
        channel.write(new Frame(type, id, value));
    }
}
