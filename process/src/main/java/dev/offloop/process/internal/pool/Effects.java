package dev.offloop.process.internal.pool;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done once the pool's lock is released: frames to be sent, futures to be completed, processes to be
 * killed. All of that may run foreign code or take a while, and none of it may happen under the lock.
 */
public final class Effects {

    private final ArrayDeque<Runnable> actions = new ArrayDeque<>(2);

    /** Ends a future: what depends on it may run at once, and that is foreign code. */
    public record Completion(Runnable action) implements Runnable {
        @Override
        public void run() {
            action.run();
        }
    }

    void add(Runnable action) {
        actions.addLast(action);
    }

    /** Adds an action that ends futures. */
    void complete(Runnable action) {
        actions.addLast(new Completion(action));
    }

    /** Takes the next action; null if there is none. */
    public @Nullable Runnable poll() {
        return actions.pollFirst();
    }

    /** Whether nothing is to be done. */
    public boolean isEmpty() {
        return actions.isEmpty();
    }
}
