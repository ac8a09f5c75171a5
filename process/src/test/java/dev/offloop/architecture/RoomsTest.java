package dev.offloop.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/**
 * Which room of the module may use which.
 *
 * <p>The face is used by all rooms, for its types: exceptions, options, {@code Codec}. That is a circle by nature where
 * the face makes the machine, and so it may do that in one class, {@code ProcessPoolExecutor}; {@code WorkerContext} is
 * the face of what runs in a worker.
 */
class RoomsTest {

    private static final String FACE = "dev.offloop.process";
    private static final String POOL = "dev.offloop.process.internal.pool";
    private static final String IO = "dev.offloop.process.internal.io";
    private static final String WIRE = "dev.offloop.process.internal.wire";
    private static final String WORKER = "dev.offloop.process.internal.worker";
    private static final String UTIL = "dev.offloop.process.internal.util";

    private static final JavaClasses MODULE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(FACE);

    @Test
    void roomsAreNotInCircles() {
        slices().matching("dev.offloop.process.internal.(*)..")
                .should()
                .beFreeOfCycles()
                .check(MODULE);
    }

    @Test
    void poolSeesProcessesThroughItsSeamOnly() {
        mayUseOnly(POOL, FACE, WIRE, UTIL);
    }

    @Test
    void ioServesThePool() {
        mayUseOnly(IO, FACE, POOL, WIRE, UTIL);
    }

    @Test
    void workerKnowsNothingOfTheParentsSide() {
        mayUseOnly(WORKER, FACE, WIRE, UTIL);
    }

    @Test
    void wireKnowsNeitherSide() {
        mayUseOnly(WIRE, FACE, UTIL);
    }

    @Test
    void utilitiesUseNoRoom() {
        mayUseOnly(UTIL);
    }

    @Test
    void onlyTheExecutorAndItsSessionsMakeTheMachine() {
        noClasses()
                .that(resideInAPackage(FACE))
                .and(not(simpleNameStartingWith("ProcessPoolExecutor")
                        .or(namedBuilder())
                        .or(simpleName("Sessions"))
                        .or(simpleName("ProcessSession"))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(POOL, IO)
                .check(MODULE);
    }

    @Test
    void onlyWhatRunsInAWorkerAsksTheWorker() {
        noClasses()
                .that(resideInAPackage(FACE))
                .and(not(simpleName("WorkerContext")
                        .or(simpleName("ProcessStream")) // the part of it that runs in a worker
                        .or(simpleName("ProcessSession"))
                        .or(namedBuilder()))) // makes workers that are threads
                .should()
                .dependOnClassesThat()
                .resideInAPackage(WORKER)
                .check(MODULE);
    }

    @Test
    void poolHasNoThreadsClocksOrProcessesOfItsOwn() {
        noClasses()
                .that(resideInAPackage(POOL))
                .and(not(simpleName("JvmShutdown")))
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.lang\\.Process(Builder|Handle)?|java\\.nio\\.(channels|file)\\..*")
                .check(MODULE);
    }

    private static void mayUseOnly(String room, String... others) {
        DescribedPredicate<JavaClass> ours = resideInAPackage("dev.offloop.process..");
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

    private static DescribedPredicate<JavaClass> namedBuilder() {
        return DescribedPredicate.describe("Builder", type -> type.getName().endsWith("ProcessPoolExecutor$Builder"));
    }
}
