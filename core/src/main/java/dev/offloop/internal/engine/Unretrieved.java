package dev.offloop.internal.engine;

import dev.offloop.ErrorContext;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Holds the failures of a loop that were not retrieved. One whose future is collected can never be retrieved, and is
 * reported; so are, at the end of the loop, those that are left.
 *
 * <p>Touched by the loop's side only, but for the flag in a note: a result may be asked for on any thread.
 */
final class Unretrieved {

    /** The number from which those that other threads have retrieved are removed; then twice what is left. */
    private static final int MANY = 1000;

    private final Loop loop;
    private final Set<Note> notes = new HashSet<>();
    private int sweepAt = MANY;
    private final ReferenceQueue<LoopFuture<?>> collected = new ReferenceQueue<>();

    Unretrieved(Loop loop) {
        this.loop = loop;
    }

    /** A failure, and whether it was retrieved. */
    static final class Note extends WeakReference<LoopFuture<?>> {
        private final String what;
        private final Throwable exception;
        private final List<StackTraceElement> createdAt;
        private volatile boolean retrieved;

        private Note(LoopFuture<?> future, Throwable exception, ReferenceQueue<LoopFuture<?>> queue) {
            super(future, queue);
            this.what = future.what();
            this.exception = exception;
            this.createdAt = future.createdAt();
        }
    }

    Note add(LoopFuture<?> future, Throwable exception) {
        if (notes.size() >= sweepAt) {
            notes.removeIf(note -> note.retrieved);
            sweepAt = Math.max(MANY, 2 * notes.size());
        }
        var note = new Note(future, exception, collected);
        notes.add(note);
        return note;
    }

    void retrieved(Note note) {
        note.retrieved = true;
        if (loop.isCurrent()) {
            notes.remove(note);
        }
    }

    /** Reports those that cannot be retrieved any more. */
    void reportCollected() {
        if (notes.isEmpty()) {
            return;
        }
        for (Reference<?> reference = collected.poll(); reference != null; reference = collected.poll()) {
            if (reference instanceof Note note && notes.remove(note)) {
                report(note);
            }
        }
    }

    /** Reports all, at the end. */
    void reportAll() {
        List<Note> left = List.copyOf(notes);
        notes.clear();
        left.forEach(this::report);
    }

    private void report(Note note) {
        if (!note.retrieved) {
            loop.report(new ErrorContext(
                    "The exception of " + note.what + " was never retrieved: nobody awaited it",
                    note.exception,
                    null,
                    null,
                    note.createdAt));
        }
    }
}
