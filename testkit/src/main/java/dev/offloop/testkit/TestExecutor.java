package dev.offloop.testkit;

import static dev.offloop.Async.await;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.gatherOutcomes;

import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.spi.Offloaded;
import dev.offloop.sync.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the functions that it is given until the test runs them, or says what they return or throw.
 *
 * <pre>{@code
 * var disk = new TestExecutor();
 * EventLoop.current().setDefaultExecutor(disk); // or pass it to the code under test
 * Task<String> reader = createTask(() -> readTwice());
 * disk.next().fail(new IOException("disk full"));
 * disk.next().complete("second try");
 * assertEquals("second try", await(reader));
 * }</pre>
 *
 * <ul>
 *   <li>Virtual time does not wait for calls that wait here: {@code sleep} in the test lets timeouts around them
 *       expire.
 *   <li>A call that is still here in the end has no consequence but for those that await it.
 *   <li>Calls may be submitted from any thread; the test controls them from its loop.
 * </ul>
 */
public final class TestExecutor implements Executor {

    private final Queue<Call> arrivals = new Queue<>();
    private final List<Call> pending = new ArrayList<>();

    /** Creates an executor with nothing to run. */
    public TestExecutor() {}

    @Override
    public void execute(Runnable function) {
        var call = new Call(Objects.requireNonNull(function, "function"));
        if (function instanceof Offloaded offloaded) {
            offloaded.excludeFromClock();
        }
        synchronized (pending) {
            pending.add(call);
        }
        arrivals.tryPut(call);
    }

    /**
     * Awaits the next call that is submitted and returns it; earlier ones in their order. Calls that have ended are
     * left out.
     *
     * @return the call
     */
    public Call next() {
        Call call = arrivals.get();
        while (!isPending(call)) {
            call = arrivals.get();
        }
        return call;
    }

    private boolean isPending(Call call) {
        return pending().contains(call);
    }

    /**
     * Returns the calls that were neither run, ended nor cancelled, in the order of their arrival.
     *
     * @return the calls
     */
    public List<Call> pending() {
        synchronized (pending) {
            pending.removeIf(Call::isOver);
            return List.copyOf(pending);
        }
    }

    /**
     * Runs all that wait, one after the other, as {@link Call#run} does.
     *
     * @throws Exception the failure of the first one that was not submitted by a loop; the others are run all the same
     */
    public void runAll() throws Exception {
        List<Future<@Nullable Void>> runs = new ArrayList<>();
        for (Call call : pending()) {
            if (isPending(call)) {
                Future<@Nullable Void> run = call.run();
                runs.add(run);
                await(gatherOutcomes(List.of(run)));
            }
        }
        await(gather(runs));
    }

    private boolean remove(Call call) {
        synchronized (pending) {
            return pending.remove(call);
        }
    }

    /** Waits to be run, or to be ended. */
    public final class Call {

        private final Runnable function;

        private Call(Runnable function) {
            this.function = function;
        }

        /**
         * Runs the function on a thread. Cancelling the returned future interrupts it.
         *
         * @return ends when the function has; its result or failure goes to the one that offloaded it
         * @throws IllegalStateException if the call was run, or has ended, already
         */
        public Future<@Nullable Void> run() {
            EventLoop loop = EventLoop.current();
            checkPending();
            return loop.runInExecutor(
                    command -> Thread.ofPlatform()
                            .daemon()
                            .name("offloop-test-executor")
                            .start(command),
                    function::run);
        }

        /**
         * Ends the call with a result; the function never runs.
         *
         * @param result the result
         * @return false if the call was cancelled before
         * @throws IllegalStateException if the call was run, or has ended, already, or was not submitted by a loop
         */
        public boolean complete(@Nullable Object result) {
            return offloaded().complete(result);
        }

        /**
         * Ends the call with an exception; the function never runs.
         *
         * @param thrown the exception
         * @return false if the call was cancelled before
         * @throws IllegalStateException if the call was run, or has ended, already, or was not submitted by a loop
         */
        public boolean fail(Throwable thrown) {
            return offloaded().completeExceptionally(thrown);
        }

        private boolean isOver() {
            return function instanceof Offloaded offloaded && offloaded.isOver();
        }

        private Offloaded offloaded() {
            if (!(function instanceof Offloaded offloaded)) {
                throw new IllegalStateException(
                        "Only calls of runInExecutor(…) and toThread(…) have a result that a test can decide: this is a "
                                + function.getClass().getName() + ", which can only be run");
            }
            checkPending();
            return offloaded;
        }

        private void checkPending() {
            if (!remove(this)) {
                throw new IllegalStateException("This call was run, or ended, already");
            }
        }
    }
}
