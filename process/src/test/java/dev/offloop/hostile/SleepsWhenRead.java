package dev.offloop.hostile;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.concurrent.locks.LockSupport;

/** Takes its time when it is read, and ignores interrupts. */
public final class SleepsWhenRead implements Serializable {

    private static final long serialVersionUID = 1;

    private final int millis;

    public SleepsWhenRead(int millis) {
        this.millis = millis;
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        long until = System.nanoTime() + millis * 1_000_000L;
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
            boolean _ = Thread.interrupted();
        }
    }
}
