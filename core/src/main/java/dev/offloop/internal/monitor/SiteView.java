package dev.offloop.internal.monitor;

import java.time.Duration;

/**
 * What is known of a site at a moment.
 *
 * @param site its name
 * @param executor its executor
 * @param processes whether that runs functions in other processes
 * @param times what was measured of late
 * @param calls how many calls there were, from the beginning
 * @param unfinished how many of them have not ended
 */
record SiteView(String site, Gauge executor, boolean processes, CallTimes times, long calls, long unfinished) {

    /** Returns how many calls were timed. */
    long timed() {
        return times.run.count();
    }

    /** Returns how long it was watched. */
    Duration interval() {
        return Duration.ofNanos(Math.max(1, times.last - times.first));
    }

    /** Returns how many functions run at a time on average, by Little's law. */
    double load() {
        return (double) times.calls * times.run.mean().toNanos() / interval().toNanos();
    }

    /** Returns which part of their run time the functions needed a processor; NaN if that is not known. */
    double processorShare() {
        return times.processorOf == 0 ? Double.NaN : (double) times.processor / times.processorOf;
    }

    /** Returns this one and the same site in another loop. */
    SiteView add(SiteView other) {
        return new SiteView(
                site,
                executor,
                processes,
                new CallTimes(times.first).add(times).add(other.times),
                calls + other.calls,
                unfinished + other.unfinished);
    }
}
