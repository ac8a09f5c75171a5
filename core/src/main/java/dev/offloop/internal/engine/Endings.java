package dev.offloop.internal.engine;

import dev.offloop.internal.util.Errors;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Notifies the listeners of the futures of a loop. A listener may end further futures; their listeners are called when
 * it has returned, and before those that came after it. So the order is that of nested calls, and the stack does not
 * grow with the length of a chain of futures.
 *
 * <p>Touched by the loop's side only.
 */
final class Endings {

    private final Loop loop;

    /** What the listener that runs has ended: a future, its listener, the next future, its listener and so on. */
    private final ArrayDeque<Object> fresh = new ArrayDeque<>();

    /** What has to be notified after that, as in {@code fresh}; a stack. */
    private final ArrayDeque<Object> left = new ArrayDeque<>();

    private boolean notifying;

    Endings(Loop loop) {
        this.loop = loop;
    }

    /**
     * Notifies one listener, or a list of them, of the end of {@code future}: at once or, in a listener, after that.
     */
    void notify(LoopFuture<?> future, Object listeners) {
        if (notifying) {
            defer(future, listeners);
        } else if (listeners instanceof LoopFuture.Listener only) {
            notifying = true;
            call(only, future);
            drain();
        } else {
            defer(future, listeners);
            drain();
        }
    }

    private void defer(LoopFuture<?> future, Object listeners) {
        if (listeners instanceof List<?> many) {
            for (Object listener : many) {
                fresh.add(future);
                fresh.add(listener);
            }
        } else {
            fresh.add(future);
            fresh.add(listeners);
        }
    }

    private void drain() {
        notifying = true;
        try {
            while (!fresh.isEmpty() || !left.isEmpty()) {
                while (!fresh.isEmpty()) {
                    left.push(fresh.removeLast());
                }
                var future = (LoopFuture<?>) left.pop();
                call((LoopFuture.Listener) left.pop(), future);
            }
        } finally {
            notifying = false;
        }
    }

    /** One that fails must not keep the others from being notified. */
    private void call(LoopFuture.Listener listener, LoopFuture<?> future) {
        try {
            listener.ended(future);
        } catch (Throwable t) { // ours or the JVM's: its memory or the stack may be full
            loop.report(Errors.of("Exception in the event loop itself, when " + future.what() + " ended", t));
        }
    }

    /** Before a task is suspended: if a listener runs the code that awaits, the others must not wait for its return. */
    void suspending() {
        if (notifying) {
            drain();
        }
    }
}
