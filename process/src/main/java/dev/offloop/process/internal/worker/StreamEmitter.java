package dev.offloop.process.internal.worker;

import dev.offloop.Offload;
import dev.offloop.process.Emitter;
import dev.offloop.process.NotTransferableException;
import dev.offloop.process.internal.wire.ValueBatch;
import dev.offloop.process.internal.wire.Values;
import dev.offloop.process.internal.wire.Writing;
import dev.offloop.spi.TalkBack;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends the values of a stream to the parent, as progress of its call.
 *
 * <p><b>Batches.</b> A value that comes after a pause is sent at once. Those that come close together are sent
 * together: by the function's thread when there are enough, else by a thread that does nothing else, within
 * {@value #LINGER_MILLIS} ms, since the function may be busy with something else by then.
 *
 * <p><b>Back-pressure</b> is that of progress: the parent stops reading, and to write waits. The lock is held
 * meanwhile, which only the other thread waits for.
 */
public final class StreamEmitter<T extends @Nullable Object> implements Emitter<T>, AutoCloseable {

    private static final long LINGER_MILLIS = 2;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final TalkBack parent;
    private final CurrentCall current = CurrentCall.here();
    private final Writing writing = current.writing();

    // ---- guarded by this

    private final ValueBatch batch;
    private long lastEmitted = System.nanoTime() - PAUSE_NANOS;
    private @Nullable Thread lingering;
    private boolean closed;

    /** For the function of a stream that runs on this thread. */
    public StreamEmitter(long stream) {
        this.batch = new ValueBatch(stream);
        this.parent = Objects.requireNonNull(Offload.talkBack(), "runs outside of a call");
    }

    @Override
    public void emit(T value) {
        current.checkCancelled();
        Values.Written written;
        try {
            written = Values.write(value, writing);
        } catch (NotTransferableException e) {
            throw new NotTransferableException("A value of the stream cannot be sent: " + e.getMessage(), e);
        }
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("The function of this stream has returned: emit values before that");
            }
            batch.add(written);
            long now = System.nanoTime();
            if (batch.isFull() || now - lastEmitted >= PAUSE_NANOS) {
                send();
            } else {
                sendSoon();
            }
            lastEmitted = now;
        }
    }

    private void send() {
        assert Thread.holdsLock(this);
        if (!batch.isEmpty()) {
            parent.progress(batch.take());
        }
    }

    private void sendSoon() {
        assert Thread.holdsLock(this);
        if (lingering == null) {
            lingering = Thread.ofPlatform().daemon().name("offloop-stream").start(this::linger);
        }
        notifyAll();
    }

    /** Sends what nobody else has sent in time, until the end of the stream. */
    private synchronized void linger() {
        try {
            while (!closed) {
                if (batch.isEmpty()) {
                    wait();
                }
                wait(LINGER_MILLIS);
                if (!closed) {
                    send();
                }
            }
        } catch (InterruptedException e) {
            // somebody ends the threads of this process: the function's thread sends what is left
        }
    }

    /** The function has ended. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
        if (!current.isStopped()) {
            send();
        }
    }
}
