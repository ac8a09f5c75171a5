package dev.offloop.process;

import dev.offloop.RemoteCallable;
import dev.offloop.Task;
import dev.offloop.process.internal.util.Forgotten;
import dev.offloop.process.internal.util.Log;
import dev.offloop.process.internal.wire.Reading;
import dev.offloop.process.internal.wire.ValueBatch;
import dev.offloop.process.internal.worker.StreamEmitter;
import dev.offloop.sync.Queue;
import dev.offloop.sync.QueueShutdownException;
import java.lang.ref.Cleaner;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
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
 * <p>The pool knows the {@link Source} only, so that a stream nobody can iterate any more is noticed, and its function
 * is cancelled.
 *
 * @param <T> the values
 */
final class ProcessStream<T extends @Nullable Object> implements RemoteStream<T> {

    private static final int MAX_BATCHES = 4;

    private final AtomicBoolean iterated = new AtomicBoolean();
    private final Source source = new Source();
    private final CompletableFuture<@Nullable Void> call;
    private final Cleaner.Cleanable forgotten;
    private final ProcessPoolExecutor pool;
    private final Reading reading;
    private volatile boolean closed;

    ProcessStream(ProcessPoolExecutor pool, Reading reading, CallOptions options, RemoteGenerator<T> generator) {
        this.pool = pool;
        this.reading = reading;
        Source arrives = source;
        CompletableFuture<@Nullable Void> runs =
                pool.submit(options.onProgress(arrives::arrived), functionOf(arrives.stream, generator));
        var _ = runs.whenComplete((_, _) -> arrives.batches.shutdown());
        this.call = runs;
        this.forgotten = Forgotten.watch(this, () -> cancel(runs));
    }

    private static void cancel(CompletableFuture<?> call) {
        if (!call.isDone() && call.cancel(true)) {
            Log.OFFLOOP.log(
                    System.Logger.Level.WARNING,
                    "A RemoteStream was neither iterated to its end nor closed before the last reference to it was"
                            + " dropped. Its function is cancelled now. Use the stream in a try block, or call close()");
        }
    }

    /**
     * Returns the call of a stream. Static, so that what is sent has no reference to this.
     *
     * @param <T> the values
     * @param stream its number
     * @param generator the user's function
     * @return what runs in the worker
     */
    private static <T extends @Nullable Object> RemoteCallable<@Nullable Void> functionOf(
            long stream, RemoteGenerator<T> generator) {
        return () -> {
            RemoteGenerator<T> each = generator; // captured first: the worker names its thread after it
            try (var out = new StreamEmitter<T>(stream)) {
                each.run(out);
            }
            return null;
        };
    }

    /** Where batches arrive. */
    private static final class Source {
        private final Queue<byte[]> batches = new Queue<>(MAX_BATCHES);
        private final long stream = ThreadLocalRandom.current().nextLong();

        /**
         * Takes a batch, on a thread of the pool that may wait.
         *
         * @param batch the progress of the function
         */
        void arrived(@Nullable Object batch) {
            if (!(batch instanceof byte[] bytes) || !ValueBatch.isOf(stream, bytes)) {
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
        closed |= !call.isDone() || !source.batches.isEmpty();
        boolean _ = call.cancel(true);
        source.batches.shutdown(true);
        forgotten.clean();
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
                throw new IllegalStateException("The stream was closed, and has no more values");
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
                if (Task.current() == null && pool.isCurrentThreadOwn()) {
                    throw new IllegalStateException("A function that depends on a result, such as one given to"
                            + " thenApply, must not wait for a stream: it runs on the pool's own thread. Use"
                            + " thenApplyAsync");
                }
                byte[] next = Task.current() != null ? source.batches.get() : source.batches.getBlocking();
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
