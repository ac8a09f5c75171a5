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
 * An executor under the test's control: what it is given waits until the test runs it, or says what it returns or
 * throws.
 *
 * <pre>{@code
 * var disk = new TestExecutor();
 * EventLoop.current().setDefaultExecutor(disk); // or hand it to the code under test
 * Task<String> reader = createTask(() -> readTwice());
 * disk.next().fail(new IOException("disk full"));
 * disk.next().complete("second try");
 * assertEquals("second try", await(reader));
 * }</pre>
 *
 * <ul>
 *   <li>Virtual time does not wait for calls that wait here: {@code sleep} in the test lets timeouts around them pass.
 *   <li>A call that is still here in the end has no consequence but for those who await it.
 *   <li>Calls may be handed in from any thread; the test controls them from its loop.
 * </ul>
 */
public final class TestExecutor implements Executor {

    private final Queue<Call> arrivals = new Queue<>();
    private final List<Call> pending = new ArrayList<>();

    /** An executor with nothing to run. */
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
     * Waits, as an await does, for the next call that is handed in, and returns it; those that came before in their
     * order. Calls that are over are left out.
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

    /** The calls that were neither run nor ended yet, nor cancelled, in the order of their arrival. */
    public List<Call> pending() {
        synchronized (pending) {
            pending.removeIf(Call::isOver);
            return List.copyOf(pending);
        }
    }

    /**
     * Runs all that wait, one after the other, as {@link Call#run} does.
     *
     * @throws Exception what the first one threw that was not handed in by a loop; the others are run all the same
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

    /** A call that waits. */
    public final class Call {

        private final Runnable function;

        private Call(Runnable function) {
            this.function = function;
        }

        /**
         * Runs the function on a thread. Cancelling the returned future interrupts it.
         *
         * @return done when it has been; its result, or what it threw, goes to whoever offloaded it
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
         * @return false if it was cancelled before
         */
        public boolean complete(@Nullable Object result) {
            return offloaded().complete(result);
        }

        /**
         * Ends the call with an exception; the function never runs.
         *
         * @return false if it was cancelled before
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
                        "Only calls of runInExecutor(…) and toThread(…) have a result to be decided: this is a "
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
