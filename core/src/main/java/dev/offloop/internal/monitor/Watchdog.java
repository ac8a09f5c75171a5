package dev.offloop.internal.monitor;

import dev.offloop.internal.jfr.Jfr;
import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.Errors;
import dev.offloop.monitor.SlowStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches all loops of the JVM for steps that block them.
 *
 * <p><b>Looks.</b> One daemon thread looks at each loop several times per threshold ({@link LoopWatch}). When all loops
 * have been idle for a while it parks, and the next loop that begins a turn unparks it: {@link #turnBegins} is one read
 * for a loop that is watched. A wake-up that is lost to a race costs a delay of {@link #ASLEEP_NANOS} at most.
 *
 * <p><b>Pauses.</b> The thread does next to nothing, so if its own short sleep takes much longer than asked, the whole
 * JVM stood still, for a garbage collection or a debugger, or the machine had no processor for it. That time counts as
 * a pause and makes no step older.
 *
 * <p><b>Start-up.</b> Every program with a loop loads these classes, so what runs before the first report uses no
 * lambdas, streams or regular expressions.
 *
 * <p><b>Threads.</b> The list of loops is guarded by the class's monitor, which no foreign code is called under. The
 * thread ends when there is no loop, and a new one is started for the next.
 */
public final class Watchdog implements Runnable {

    /** How often the thread looks per threshold. */
    private static final int LOOKS = 8;

    private static final long MIN_LOOK_NANOS = 1_000_000;
    private static final long MAX_LOOK_NANOS = 25_000_000;

    /** All loops have to be idle at so many looks before the thread parks: waking it is dear for a loop. */
    private static final int QUIET_LOOKS = 2;

    private static final long ASLEEP_NANOS = 1_000_000_000;

    /** How long a loop that ends waits for a report that is on its way. */
    private static final long LAST_REPORT_NANOS = 500_000_000;

    private static final List<LoopWatch> WATCHES = new ArrayList<>();
    private static final List<LoopWatch> ENDED = new ArrayList<>();
    private static volatile @Nullable Thread thread;

    private static volatile boolean asleep;

    /** The time since the last look that loops could use. */
    private long credit;

    /** At how many looks all loops have been idle. */
    private int quietLooks;

    /** When it was last looked whether somebody looks at this JVM; 0 for never. */
    private long lookedAround;

    /** Whether there was no loop at the last look. */
    private boolean lonely;

    private Watchdog() {}

    /**
     * Begins to watch a loop.
     *
     * @param threshold the longest step that is not reported, more than zero
     * @param listener takes the reports; null for the log
     * @return what ends it
     */
    public static Registration watch(Watched loop, Duration threshold, @Nullable Consumer<? super SlowStep> listener) {
        var watch = new LoopWatch(loop, threshold, new SlowStepReporter(listener), Pauses.ofJvm());
        synchronized (Watchdog.class) {
            WATCHES.add(watch);
            if (thread == null) {
                thread = startOrNull();
            } else {
                LockSupport.unpark(thread);
            }
        }
        return new Registration(watch);
    }

    /** The thread may outlive the one that starts it, and keeps nothing of it. */
    private static @Nullable Thread startOrNull() {
        Thread watchdog = Thread.ofPlatform()
                .daemon()
                .name("offloop-watchdog")
                .inheritInheritableThreadLocals(false)
                .unstarted(new Watchdog());
        watchdog.setContextClassLoader(ClassLoader.getSystemClassLoader());
        try {
            watchdog.start();
        } catch (OutOfMemoryError noThread) {
            return null; // loops run unwatched until another one begins and finds a thread
        }
        return watchdog;
    }

    /** Ends a watch. */
    public static final class Registration {
        private final LoopWatch watch;

        private Registration(LoopWatch watch) {
            this.watch = watch;
        }

        /** Ends it, after a report that is on its way, for which it waits a bounded time. */
        public void end() {
            Watchdog.end(watch);
        }
    }

    private static void end(LoopWatch watch) {
        Thread watchdog;
        synchronized (Watchdog.class) {
            if (!WATCHES.remove(watch)) {
                return;
            }
            ENDED.add(watch);
            watchdog = thread;
        }
        if (watch.pending() && Thread.currentThread() != watchdog) {
            LockSupport.unpark(watchdog);
            awaitEnd(watch);
        }
    }

    private static void awaitEnd(LoopWatch watch) {
        long deadline = System.nanoTime() + LAST_REPORT_NANOS;
        boolean interrupted = false;
        synchronized (Watchdog.class) {
            long left;
            while (ENDED.contains(watch) && (left = deadline - System.nanoTime()) > 0) {
                try {
                    Watchdog.class.wait(Math.max(1, left / 1_000_000));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** From any thread: returns the loops that are watched. */
    static List<Watched> loops() {
        List<LoopWatch> watches;
        synchronized (Watchdog.class) {
            watches = List.copyOf(WATCHES);
        }
        return watches.stream().map(LoopWatch::loop).filter(Objects::nonNull).toList();
    }

    /** Called by a loop that begins a turn. */
    public static void turnBegins() {
        if (asleep) {
            asleep = false;
            Thread watchdog = thread;
            if (watchdog != null) {
                LockSupport.unpark(watchdog);
            }
        }
    }

    @Override
    public void run() {
        while (true) {
            try {
                if (!lookAtAll()) {
                    return;
                }
            } catch (Throwable t) { // of ours, or of the JVM: its memory may be full
                ErrorLog.error(Errors.of("Exception in the watchdog of event loops", t));
                LockSupport.parkNanos(this, ASLEEP_NANOS);
            }
        }
    }

    /** Looks at all loops and sleeps. Returns false if the thread has to end. */
    private boolean lookAtAll() {
        List<LoopWatch> watches;
        List<LoopWatch> ended;
        synchronized (Watchdog.class) {
            watches = List.copyOf(WATCHES);
            ended = List.copyOf(ENDED);
            if (watches.isEmpty() && ended.isEmpty() && lonely) {
                thread = null;
                return false;
            }
        }
        lookAround(System.nanoTime());
        long begin = System.nanoTime();
        boolean busy = false;
        for (LoopWatch watch : watches) {
            switch (look(watch, credit)) {
                case COLLECTED -> end(watch);
                case BUSY -> busy = true;
                case IDLE -> {}
            }
        }
        close(ended);
        lonely = watches.isEmpty();
        quietLooks = busy ? 0 : quietLooks + 1;
        boolean sleeps = lonely || quietLooks > QUIET_LOOKS;
        long nap = sleeps ? ASLEEP_NANOS : napFor(watches);
        asleep = sleeps;
        long before = System.nanoTime();
        LockSupport.parkNanos(this, nap);
        boolean _ = Thread.interrupted();
        long after = System.nanoTime();
        asleep = false;
        credit = sleeps ? 0 : creditOf(after - before, nap) + Math.min(nap, before - begin);
        return true;
    }

    /** About once a second: does somebody look at this JVM, or record it? */
    private void lookAround(long now) {
        if (lookedAround != 0 && now - lookedAround < ASLEEP_NANOS) {
            return;
        }
        boolean first = lookedAround == 0;
        lookedAround = now | 1;
        Jfr.look();
        if (!first) {
            MonitorServer.startIfAsked();
        }
        if (Jfr.isOn()) {
            Recordings.writeStatus();
        }
    }

    /** The time of a nap that loops could use; the rest of it was a pause. */
    private static long creditOf(long elapsed, long nap) {
        long credit = Math.min(elapsed, 2 * nap);
        if (elapsed > credit) {
            Pauses.ofJvm().add(elapsed - credit);
        }
        return credit;
    }

    private static long napFor(List<LoopWatch> watches) {
        long threshold = Long.MAX_VALUE;
        for (LoopWatch watch : watches) {
            threshold = Math.min(threshold, watch.threshold());
        }
        return Math.clamp(threshold / LOOKS, MIN_LOOK_NANOS, MAX_LOOK_NANOS);
    }

    /** An error of ours, other than one of the JVM, would come again at each look, so it ends the watch. */
    private static LoopWatch.Activity look(LoopWatch watch, long nanos) {
        try {
            return watch.look(nanos);
        } catch (RuntimeException e) {
            ErrorLog.error(Errors.of("Exception in the watchdog of event loops: one loop is not watched any more", e));
            return LoopWatch.Activity.COLLECTED;
        }
    }

    private static void close(List<LoopWatch> ended) {
        try {
            for (LoopWatch watch : ended) {
                watch.close();
            }
        } finally {
            synchronized (Watchdog.class) {
                ENDED.removeAll(ended);
                Watchdog.class.notifyAll();
            }
        }
    }
}
