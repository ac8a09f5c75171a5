package dev.offloop.internal.engine;

import dev.offloop.LoopClock;

/** Real time. */
public enum SystemClock implements LoopClock {
    INSTANCE;

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }
}
