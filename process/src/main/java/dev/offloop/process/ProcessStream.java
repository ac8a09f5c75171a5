package dev.offloop.process;

import dev.offloop.CancelledError;
import dev.offloop.RemoteCallable;
import dev.offloop.Task;
import dev.offloop.process.internal.wire.Reading;
import dev.offloop.process.internal.wire.ValueBatch;
import dev.offloop.process.internal.worker.StreamEmitter;
import dev.offloop.sync.Queue;
import dev.offloop.sync.QueueShutdownException;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A stream as a call whose progress is the values.
 *
 * <p>The pool's listener to progress puts batches of values into a queue with a bound, and waits while it is full; then
 * the pool stops reading from the worker, and the worker waits. When the call ends the queue is shut down, and whoever
 * iterates finds what is left in it, and then how the call has ended. The values are read where they are iterated, so
 * what cannot be read is thrown there.
 *
 * @param <T> the values
 */
final class ProcessStream<T extends @Nullable Object> implements RemoteStream<T> {

    private static final int MAX_BATCHES = 4;

    private final Queue<byte[]> batches = new Queue<>(MAX_BATCHES);
    private final AtomicBoolean iterated = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> call;
    private final Reading reading;
    private volatile boolean closed;

    ProcessStream(ProcessPoolExecutor pool, Reading reading, CallOptions options, RemoteGenerator<T> generator) {
        this.reading = reading;
        this.call = pool.submit(options.onProgress(this::arrived), functionOf(generator));
        var _ = call.whenComplete((_, _) -> batches.shutdown());
    }

    /**
     * Returns the call of a stream. Static, so that what is sent has no reference to this.
     *
     * @param <T> the values
     * @param generator the user's function
     * @return what runs in the worker
     */
    private static <T extends @Nullable Object> RemoteCallable<@Nullable Void> functionOf(
            RemoteGenerator<T> generator) {
        return () -> {
            RemoteGenerator<T> each = generator; // captured first: the worker names its thread after it
            try (var out = new StreamEmitter<T>()) {
                each.run(out);
            }
            return null;
        };
    }

    /**
     * Takes a batch, on a thread of the pool that may wait.
     *
     * @param batch the progress of the function
     */
    private void arrived(@Nullable Object batch) {
        if (!(batch instanceof byte[] bytes)) {
            return; // the function has reported progress of its own, for which there is no listener
        }
        try {
            batches.putBlocking(bytes);
        } catch (QueueShutdownException e) {
            // nobody wants it any more
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the worker was given up
        }
    }

    @Override
    public Iterator<T> iterator() {
        if (!iterated.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "The values of a stream are there once: keep them in a list, or make another stream");
        }
        return new Values();
    }

    @Override
    public void close() {
        closed |= !call.isDone() || !batches.isEmpty();
        boolean _ = call.cancel(true);
        batches.shutdown(true);
    }

    private final class Values implements Iterator<T> {

        private Iterator<@Nullable Object> batch = Collections.emptyIterator();
        private boolean ended;

        @Override
        public boolean hasNext() {
            while (!ended && !closed && !batch.hasNext()) {
                byte[] next = nextBatch();
                if (next == null) {
                    ended = true;
                    if (!closed) {
                        Waits.throwFailureOf(call);
                    }
                } else {
                    batch = ValueBatch.read(next, reading);
                }
            }
            if (closed) {
                throw new CancelledError("The stream was closed");
            }
            return !ended;
        }

        @Override
        @SuppressWarnings({"unchecked", "NullAway"}) // the function that sent it was a RemoteGenerator<T>
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return (T) batch.next();
        }

        /**
         * Waits for more values.
         *
         * @return null if there will be none
         */
        private byte @Nullable [] nextBatch() {
            boolean came = false;
            try {
                byte[] next = Task.current() != null ? batches.get() : batches.getBlocking();
                came = true;
                return next;
            } catch (QueueShutdownException e) {
                came = true;
                return null;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CompletionException("Interrupted while waiting for a value of a stream", e);
            } finally {
                if (!came) {
                    close();
                }
            }
        }
    }
}
