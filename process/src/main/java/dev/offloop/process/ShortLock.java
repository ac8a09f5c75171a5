package dev.offloop.process;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that is never held for long, so that whoever wants it looks a few times before it lies down. For a task of an event
 * loop that matters most: to park one, and to have it go on, takes longer than all that is done under this lock.
 */
final class ShortLock extends ReentrantLock {

    private static final long serialVersionUID = 1;
    private static final int LOOKS = 100;

    @Override
    public void lock() {
        for (int looks = 0; looks < LOOKS; looks++) {
            if (tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        super.lock();
    }
}
