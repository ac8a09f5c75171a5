package dev.offloop.sync;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.yieldNow;

import dev.offloop.CancelledError;
import dev.offloop.Coroutine;
import dev.offloop.EventLoop;
import dev.offloop.Promise;
import dev.offloop.Runner;
import dev.offloop.Task;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A loop that all actors share: a loop for each would take longer than what it is to test. */
final class OnLoop {

    private static final EventLoop LOOP = start();

    private OnLoop() {}

    /** Does not wait until it runs: what it runs is of this class, which is not initialized before. */
    private static EventLoop start() {
        Runner runner = Runner.create();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                runner.run(() -> {
                    Promise<@Nullable Void> never = EventLoop.current().createFuture();
                    await(never);
                });
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        return runner.loop();
    }

    /** Runs a task that is cancelled a few turns later, and blocks the actor until it has ended. */
    static void cancelSoon(Coroutine.Action coroutine) {
        LOOP.runCoroutineThreadsafe(() -> {
                    Task<@Nullable Void> victim = createTask(coroutine);
                    for (int turns = ThreadLocalRandom.current().nextInt(4); turns > 0; turns--) {
                        yieldNow();
                    }
                    victim.cancel();
                    try {
                        await(victim);
                    } catch (CancelledError e) {
                        // as often as not
                    }
                })
                .join();
    }
}
