package dev.offloop;

/** Real time. */
enum SystemClock implements LoopClock {
    INSTANCE;

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }
}
