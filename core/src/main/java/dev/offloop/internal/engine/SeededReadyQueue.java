package dev.offloop.internal.engine;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * A ready queue that gives out the tasks in it in any order, decided by a seed. Callbacks, timers and messages keep
 * theirs, which is promised; in which order the tasks have their turns is not.
 *
 * <p>Slow with many entries, as it may be: for tests.
 */
final class SeededReadyQueue extends ArrayDeque<Runnable> {

    private static final long serialVersionUID = 1L;

    private final transient SplittableRandom random;

    SeededReadyQueue(long seed) {
        this.random = new SplittableRandom(seed);
    }

    @Override
    public Runnable remove() {
        int drawn = random.nextInt(size());
        Iterator<Runnable> entries = iterator();
        Runnable firstOther = null;
        for (int i = 0; i < drawn; i++) {
            Runnable entry = entries.next();
            if (firstOther == null && !(entry instanceof LoopTask<?>)) {
                firstOther = entry;
            }
        }
        Runnable entry = entries.next();
        if (entry instanceof LoopTask<?> || firstOther == null) {
            entries.remove();
            return entry;
        }
        if (!removeFirstOccurrence(firstOther)) {
            throw new NoSuchElementException();
        }
        return firstOther;
    }
}
