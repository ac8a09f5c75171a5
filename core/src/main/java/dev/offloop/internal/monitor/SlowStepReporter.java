package dev.offloop.internal.monitor;

import dev.offloop.internal.util.Durations;
import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.Errors;
import dev.offloop.monitor.SlowStep;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes slow steps on to a listener or to the log: the first of a place at once, further ones at most once in an
 * interval, with their number.
 *
 * <p>Belongs to the watchdog's thread.
 */
class SlowStepReporter {

    private static final long INTERVAL_NANOS = Duration.ofMinutes(1).toNanos();

    /** The number of places that are remembered; the one that was quiet for longest is forgotten. */
    private static final int MAX_PLACES = 256;

    private static final class Seen {
        long reported;
        int more;

        @Nullable
        SlowStep longest;
    }

    private final @Nullable Consumer<? super SlowStep> listener;

    /** In the order of their last access. */
    private final LinkedHashMap<Place, Seen> places = new LinkedHashMap<>(16, 0.75f, true);

    private int waiting;

    SlowStepReporter(@Nullable Consumer<? super SlowStep> listener) {
        this.listener = listener;
    }

    /** Returns the time, which is made up in tests. */
    long now() {
        return System.nanoTime();
    }

    /** Not before there is something to say: loggers take long to initialize. */
    private static void warn(String message) {
        ErrorLog.write(System.getLogger("dev.offloop.monitor"), System.Logger.Level.WARNING, message);
    }

    /** Returns whether the next report of a place is passed on at once. */
    boolean isNew(Place place) {
        return !places.containsKey(place);
    }

    void report(Place place, SlowStep step) {
        long now = now();
        Seen seen = places.get(place);
        if (seen == null) {
            seen = new Seen();
            seen.reported = now;
            places.put(place, seen);
            if (places.size() > MAX_PLACES) {
                Seen oldest = places.pollFirstEntry().getValue();
                if (oldest.more > 0) {
                    passOn(oldest);
                }
            }
            pass(step);
            return;
        }
        waiting += seen.more == 0 ? 1 : 0;
        seen.more++;
        if (seen.longest == null || step.duration().compareTo(seen.longest.duration()) > 0) {
            seen.longest = step;
        }
    }

    /**
     * Reports what came again, once its interval has ended.
     *
     * @return whether there is more to report when its interval has ended, or the loop
     */
    boolean flush() {
        if (waiting > 0) {
            long now = now();
            for (Seen seen : places.values()) {
                if (seen.more > 0 && now - seen.reported >= INTERVAL_NANOS) {
                    passOn(seen);
                    seen.reported = now;
                }
            }
        }
        return waiting > 0;
    }

    /** Reports what came again, for the last time. */
    void close() {
        for (Seen seen : places.values()) {
            if (seen.more > 0) {
                passOn(seen);
            }
        }
    }

    private void passOn(Seen seen) {
        SlowStep longest = seen.longest;
        if (longest != null) {
            pass(new SlowStep(
                    longest.loop(),
                    longest.task(),
                    longest.duration(),
                    longest.cause(),
                    longest.frame(),
                    longest.stack(),
                    "The longest of " + seen.more + " more at this place. " + longest.advice()));
        }
        seen.more = 0;
        seen.longest = null;
        waiting--;
    }

    private void pass(SlowStep step) {
        if (listener == null) {
            warn(step.message());
            return;
        }
        try {
            listener.accept(step);
        } catch (Throwable t) { // the watchdog has to go on
            ErrorLog.error(Errors.of("Exception in a listener to slow steps; it was passed: " + step.message(), t));
        }
    }

    /** Writes all tasks and threads into the log. */
    void dump(Watched loop, Duration age) {
        var text = new StringBuilder("Event loop " + loop.name() + " has been blocked for " + Durations.inWords(age)
                + ". Its tasks:\n" + loop.dumpTasks() + "\nThe platform threads:");
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            text.append("\n\"").append(thread.getName()).append("\" ").append(thread.getState());
            for (StackTraceElement frame : stack) {
                text.append("\n\tat ").append(frame);
            }
        });
        warn(text.toString());
    }
}
