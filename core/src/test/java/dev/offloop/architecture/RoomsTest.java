package dev.offloop.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.offloop.EventLoop;
import org.junit.jupiter.api.Test;

/**
 * Which room of the module may use which.
 *
 * <p>The face, {@code dev.offloop}, and the rooms behind it are a circle by nature: the rooms implement the public
 * types ({@code EventLoop} and {@code Loop}, {@code Task} and {@code LoopTask}), and the face makes what implements
 * them. The rooms among themselves are not a circle.
 */
class RoomsTest {

    private static final String FACE = "dev.offloop";
    private static final String SPI = "dev.offloop.spi";
    private static final String SYNC = "dev.offloop.sync";
    private static final String REPORTS = "dev.offloop.monitor";
    private static final String ENGINE = "dev.offloop.internal.engine";
    private static final String OFFLOAD = "dev.offloop.internal.offload";
    private static final String CONTEXT = "dev.offloop.internal.context";
    private static final String MONITOR = "dev.offloop.internal.monitor";
    private static final String JFR = "dev.offloop.internal.jfr";
    private static final String UTIL = "dev.offloop.internal.util";

    /** Where the classes of the module are, without those of the tests. */
    private static final JavaClasses MODULE = new ClassFileImporter()
            .importUrl(EventLoop.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void roomsAreNotInCircles() {
        slices().matching("dev.offloop.internal.(*)..")
                .should()
                .beFreeOfCycles()
                .check(MODULE);
    }

    @Test
    void engineSeesOffloadedWorkThroughItsSeamOnly() {
        mayUseOnly(ENGINE, FACE, SPI, REPORTS, CONTEXT, MONITOR, JFR, UTIL);
    }

    /** And asks the primitives which threads wait in one. */
    @Test
    void offloadStandsOnTheEngine() {
        mayUseOnly(OFFLOAD, FACE, SPI, SYNC, REPORTS, ENGINE, CONTEXT, MONITOR, UTIL);
    }

    @Test
    void watchdogSeesLoopsThroughItsSeamOnly() {
        mayUseOnly(MONITOR, FACE, REPORTS, JFR, UTIL);
    }

    /** The advisor is the face of the room that measures. */
    @Test
    void reportsUseNoLoop() {
        mayUseOnly(REPORTS, FACE, MONITOR, UTIL);
    }

    @Test
    void eventsUseNoRoom() {
        mayUseOnly(JFR);
    }

    @Test
    void contextKnowsNoLoop() {
        mayUseOnly(CONTEXT, FACE, SPI, UTIL);
    }

    @Test
    void utilitiesUseNoRoom() {
        mayUseOnly(UTIL, FACE);
    }

    @Test
    void primitivesStandOnTheEngine() {
        mayUseOnly(SYNC, FACE, ENGINE, UTIL);
    }

    @Test
    void faceDoesNotUseThePrimitives() {
        mayUseOnly(FACE, SPI, REPORTS, ENGINE, OFFLOAD, CONTEXT, UTIL);
    }

    @Test
    void serviceInterfacesUseNoRoom() {
        mayUseOnly(SPI, FACE);
    }

    private static void mayUseOnly(String room, String... others) {
        DescribedPredicate<JavaClass> ours = resideInAPackage("dev.offloop..");
        DescribedPredicate<JavaClass> allowed = resideInAPackage(room);
        for (String other : others) {
            allowed = allowed.or(resideInAPackage(other));
        }
        classes()
                .that(resideInAPackage(room))
                .should()
                .onlyDependOnClassesThat(not(ours).or(allowed))
                .check(MODULE);
    }
}
