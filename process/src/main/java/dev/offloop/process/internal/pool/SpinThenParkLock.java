package dev.offloop.process.internal.pool;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that is held for a few steps only, so a thread that wants it tries some times before it parks. That matters
 * most for a task of an event loop: to park it and to resume it takes longer than all that is done under this lock.
 */
final class SpinThenParkLock extends ReentrantLock {

    private static final long serialVersionUID = 1;
    private static final int ATTEMPTS = 100;

    @Override
    public void lock() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        super.lock();
    }
}
