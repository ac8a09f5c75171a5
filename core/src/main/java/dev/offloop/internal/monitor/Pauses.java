package dev.offloop.internal.monitor;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the time that loops lost for reasons that no task is to blame for. */
public final class Pauses {

    private static final Pauses ALL = new Pauses();

    /** For this time after the first loop, loading and linking classes is a part of the start. */
    private static final long START_UP_NANOS = 5_000_000_000L;

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong count = new AtomicLong();
    private final long begin = System.nanoTime();

    Pauses() {}

    /** Returns the count of this JVM. */
    public static Pauses ofJvm() {
        return ALL;
    }

    void add(long nanos) {
        count.incrementAndGet();
        this.nanos.addAndGet(nanos);
    }

    /** Returns how many there were. */
    public long count() {
        return count.get();
    }

    /** Returns how long they were, together. */
    public long nanos() {
        return nanos.get();
    }

    /** Returns whether most of what was sampled is the JVM that starts. */
    boolean areStartUp(List<Sample> samples) {
        long loading = samples.stream().filter(Sample::loadsClasses).count();
        return 2 * loading > samples.size() && System.nanoTime() - begin < START_UP_NANOS;
    }
}
