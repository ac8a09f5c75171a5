package dev.offloop.internal.engine;

import dev.offloop.ErrorContext;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The failures of a loop that nobody has looked at. One whose future is collected can never be looked at any more, and
 * is reported; so are, at the end of the loop, those that are left.
 *
 * <p>Touched by the loop's side only, but for the flag in a note: a result may be asked for on any thread.
 */
final class Unretrieved {

    /** From so many on it is worth looking for those that other threads have retrieved; then at twice what is left. */
    private static final int MANY = 1000;

    private final Loop loop;
    private final Set<Note> notes = new HashSet<>();
    private int sweepAt = MANY;
    private final ReferenceQueue<LoopFuture<?>> collected = new ReferenceQueue<>();

    Unretrieved(Loop loop) {
        this.loop = loop;
    }

    /** A failure, and whether somebody knows of it. */
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

    /** Reports those that nobody can retrieve any more. */
    void look() {
        if (notes.isEmpty()) {
            return;
        }
        for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
            if (gone instanceof Note note && notes.remove(note)) {
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
