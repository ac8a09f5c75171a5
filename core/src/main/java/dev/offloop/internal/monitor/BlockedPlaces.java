package dev.offloop.internal.monitor;

import dev.offloop.internal.util.Durations;
import dev.offloop.internal.util.UserCode;
import dev.offloop.monitor.Finding;
import dev.offloop.monitor.SlowStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Remembers where steps blocked a loop. The watchdog adds, any thread reads, under the monitor of this. */
final class BlockedPlaces {

    private static final int MAX_PLACES = 256;
    private static final BlockedPlaces ALL = new BlockedPlaces();

    private static final class Seen {
        final long first = System.nanoTime();
        long last = first;
        long times;
        Duration total = Duration.ZERO;
        Duration longest = Duration.ZERO;
    }

    /** In the order of their last access. */
    private final LinkedHashMap<Place, Seen> places = new LinkedHashMap<>(16, 0.75f, true);

    BlockedPlaces() {}

    static BlockedPlaces ofJvm() {
        return ALL;
    }

    synchronized void add(Place place, Duration duration) {
        if (place.frame() == null) {
            return;
        }
        Seen seen = places.get(place);
        if (seen == null) {
            seen = new Seen();
            places.put(place, seen);
            if (places.size() > MAX_PLACES) {
                places.pollFirstEntry();
            }
        }
        seen.times++;
        seen.last = System.nanoTime();
        seen.total = seen.total.plus(duration);
        if (duration.compareTo(seen.longest) > 0) {
            seen.longest = duration;
        }
    }

    synchronized List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<Place, Seen> entry : places.entrySet()) {
            StackTraceElement frame = entry.getKey().frame();
            if (frame != null) {
                findings.add(finding(UserCode.text(frame), entry.getKey().cause(), entry.getValue()));
            }
        }
        return findings;
    }

    private static Finding finding(String site, SlowStep.Cause cause, Seen seen) {
        return new Finding(
                Finding.Kind.NEVER_OFFLOADED,
                site,
                Advice.of(cause),
                "event loop",
                seen.times,
                Duration.ofNanos(seen.last - seen.first),
                "Blocked the loop " + (seen.times == 1 ? "once" : seen.times + " times") + " for "
                        + Durations.inWords(seen.total) + " together, " + Durations.inWords(seen.longest)
                        + " at most (" + cause.name().toLowerCase(Locale.ROOT) + ")",
                "the watchdog has seen the step block at this place");
    }
}
