package dev.offloop.process.internal.worker;

import dev.offloop.process.internal.wire.Handshake;
import dev.offloop.process.internal.wire.Reading;
import dev.offloop.process.internal.wire.SharedStatus;
import dev.offloop.process.internal.wire.WorkerBody;
import dev.offloop.process.internal.wire.Writing;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A worker that is a thread of its parent's JVM, to be tested and debugged with it.
 *
 * <p>It is what {@link WorkerMain} does without the process: the same loop, on the same channels, with the same control
 * thread, so that whatever is written, read, cancelled or late is so in the same way. What belongs to a process is left
 * out: its standard streams, signals, exit and shutdown hooks, and the watch for the parent's death, with which the
 * thread dies.
 */
public final class WorkerThread implements WorkerBody {

    private final Handshake handshake;
    private final Reading reading;
    private final Writing writing;
    private final String name;

    // ---- guarded by this

    private @Nullable CurrentCall current;
    private @Nullable WorkerChannel control;
    private @Nullable WorkerChannel channel;
    private boolean killed;

    /**
     * Of a parent.
     *
     * @param reading how functions are read
     * @param writing how results are written
     * @param name what the names of its threads begin with
     */
    public WorkerThread(Handshake handshake, Reading reading, Writing writing, String name) {
        this.handshake = handshake;
        this.reading = reading;
        this.writing = writing;
        this.name = name;
    }

    @Override
    public void serve() throws IOException {
        Thread.currentThread().setContextClassLoader(reading.loader());
        CurrentCall current = CurrentCall.ofWorkerThread(handshake.index(), writing);
        try {
            SharedStatus status = SharedStatus.open(Path.of(handshake.status()));
            var socket = UnixDomainSocketAddress.of(handshake.socket());
            WorkerChannel control = WorkerChannel.connect(socket);
            connected(current, control, null);
            WorkerChannel channel = WorkerChannel.connect(socket);
            connected(current, control, channel);
            var worker = new WorkerMain(channel, current, reading, name + " ");
            Thread.ofPlatform()
                    .daemon()
                    .name(name + "-control")
                    .start(new Control(control, current, worker::sendText, this::kill));
            control.write(handshake.controlHello());
            channel.write(handshake.hello(Runtime.getRuntime().maxMemory()));
            if (worker.serve(status)) {
                status.endsOrderly();
            }
        } finally {
            hangUp();
        }
    }

    private synchronized void connected(
            CurrentCall current, @Nullable WorkerChannel control, @Nullable WorkerChannel channel) throws IOException {
        this.current = current;
        this.control = control;
        this.channel = channel;
        if (killed) {
            throw new IOException("This worker was killed before it was ready");
        }
    }

    @Override
    public void kill() {
        CurrentCall current;
        synchronized (this) {
            killed = true;
            current = this.current;
        }
        if (current != null) {
            current.kill();
        }
        hangUp();
    }

    private void hangUp() {
        WorkerChannel control;
        WorkerChannel channel;
        synchronized (this) {
            control = this.control;
            channel = this.channel;
        }
        if (control != null) {
            control.close();
        }
        if (channel != null) {
            channel.close();
        }
    }
}
