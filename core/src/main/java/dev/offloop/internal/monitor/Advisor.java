package dev.offloop.internal.monitor;

import dev.offloop.internal.util.ErrorLog;
import dev.offloop.monitor.Finding;
import dev.offloop.monitor.OffloadAdvisor;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Brings what was measured in the JVM to the {@link AdvisorRules}. */
public final class Advisor {

    /** What a way to another thread and back costs here at least; measured once. */
    private static final class Floor {
        static final long NANOS = HopFloor.measure();
    }

    private Advisor() {}

    public static List<Finding> findings() {
        List<SiteView> sites = SiteTable.allViews();
        List<Finding> offloaded = sites.isEmpty()
                ? List.of()
                : new AdvisorRules(Runtime.getRuntime().availableProcessors(), Floor.NANOS).findings(sites);
        return Stream.concat(offloaded.stream(), BlockedPlaces.ofJvm().findings().stream())
                .sorted(Comparator.comparing(Finding::kind))
                .toList();
    }

    /** Called at the end of a loop: logs the report if the program was started so. */
    public static void logAtEnd() {
        if (Boolean.getBoolean("offloop.advice")) {
            ErrorLog.write(System.getLogger("dev.offloop.monitor"), System.Logger.Level.INFO, OffloadAdvisor.report());
        }
    }
}
