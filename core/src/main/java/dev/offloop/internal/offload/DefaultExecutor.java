package dev.offloop.internal.offload;

import dev.offloop.Future;
import dev.offloop.internal.engine.Loop;
import dev.offloop.internal.engine.LoopPromise;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The executor that null and {@code toThread} stand for, from its first use to its end.
 *
 * <p>On the loop's side, but for the thread that waits for the executor's end.
 */
final class DefaultExecutor {

    private final Loop loop;
    private @Nullable Executor executor;
    private @Nullable LoopPromise<@Nullable Void> down;

    DefaultExecutor(Loop loop, @Nullable Executor executor) {
        this.loop = loop;
        this.executor = executor;
    }

    Executor get() {
        if (down != null) {
            throw new IllegalStateException("The default executor has been shut down");
        }
        if (executor == null) {
            executor = new ThreadPool();
        }
        return executor;
    }

    void set(Executor replacement) {
        if (executor != replacement) {
            retire();
        }
        executor = replacement;
    }

    /** Lets a pool of ours end with the calls that it has. One of the user's stays the user's. */
    void retire() {
        if (executor instanceof ThreadPool pool) {
            pool.retire();
        }
    }

    Future<@Nullable Void> shutdown(Duration timeout) {
        if (down != null) {
            return down;
        }
        LoopPromise<@Nullable Void> down = new LoopPromise<>(loop);
        this.down = down;
        Executor executor = this.executor;
        if (executor == null) {
            down.setResult(null);
            return down;
        }
        this.executor = null;
        boolean idle = loop.isClosing() && loop.unfinishedTasks().isEmpty();
        loop.externalWork().begin();
        Thread.ofPlatform().daemon().name("offloop-shutdown").start(() -> {
            try {
                ExecutorEnd.await(executor, timeout, idle);
            } finally {
                loop.post(() -> {
                    loop.externalWork().end();
                    down.succeed(null);
                });
            }
        });
        return down;
    }
}
