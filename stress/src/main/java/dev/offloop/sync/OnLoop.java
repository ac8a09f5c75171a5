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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/** A loop that all actors share: a loop for each would take longer than what it is to test. */
final class OnLoop {

    private static final EventLoop LOOP = start();

    private OnLoop() {}

    private static EventLoop start() {
        var ready = new CompletableFuture<EventLoop>();
        Thread.ofPlatform().daemon().start(() -> {
            try (var runner = Runner.create()) {
                runner.run(() -> {
                    ready.complete(EventLoop.current());
                    Promise<Void> never = EventLoop.current().createFuture();
                    await(never);
                });
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        return ready.join();
    }

    /** Runs a task that is cancelled a few turns later, and blocks the actor until it has ended. */
    static void cancelSoon(Coroutine.Action coroutine) {
        LOOP.runCoroutineThreadsafe(() -> {
                    Task<Void> victim = createTask(coroutine);
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
