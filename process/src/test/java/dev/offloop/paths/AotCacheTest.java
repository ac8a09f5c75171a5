package dev.offloop.paths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What lets workers start faster, and must never keep them from starting. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AotCacheTest {

    private static final String RUNS = "named: false, result: 42";
    private static final String OWN = Program.Own.class.getName();
    private static final String LOG = "-Xlog:class+load=info:stdout:none";
    private static final String FROM_CACHE = OWN + " source: shared objects file";

    @TempDir
    static Path made;

    /** With its cache in {@code made}, whose training has loaded one class of the program's. */
    private static Path jar;

    @TempDir
    Path folder;

    @BeforeAll
    static void make() throws Exception {
        jar = Programs.jarOfAll(made);
        assertThat(Programs.run(made, "-jar", jar.toString(), "own"))
                .contains(RUNS, "loaded")
                .doesNotContain("AOTCache");
        awaitCaches(made, 1);
    }

    private static List<Path> caches(Path folder) throws IOException {
        return files(folder).stream()
                .filter(file -> file.toString().endsWith(".aot"))
                .toList();
    }

    private static List<Path> files(Path folder) throws IOException {
        Path caches = folder.resolve("offloop");
        if (!Files.exists(caches)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(caches)) {
            return files.toList();
        }
    }

    /** Until there are so many caches, and none is being made. */
    private static void awaitCaches(Path folder, int number) {
        await().atMost(Duration.ofMinutes(2)).until(() -> caches(folder).size() == number && isQuiet(folder));
    }

    private static boolean isQuiet(Path folder) throws IOException {
        return files(folder).stream().noneMatch(file -> file.toString().matches(".*\\.(new|tried|names|config)"));
    }

    private String run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("-jar", jar.toString()));
        all.addAll(List.of(arguments));
        return Programs.run(folder, all.toArray(String[]::new));
    }

    /** The cache that all tests have, in a folder of this one's. */
    private Path copy() throws IOException {
        Path caches = Files.createDirectory(
                folder.resolve("offloop"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (Path file : files(made)) {
            Path copy = Files.copy(file, caches.resolve(file.getFileName()));
            if (copy.toString().endsWith(".classes")) {
                lookAt(copy, Instant.now().plus(Duration.ofHours(1)));
            }
        }
        return caches(folder).getFirst();
    }

    private static Path history(Path cache) {
        return cache.resolveSibling(cache.getFileName() + ".classes");
    }

    /** When a worker writes down its classes again. */
    private static void lookAt(Path history, Instant when) throws IOException {
        Files.setLastModifiedTime(history, FileTime.from(when));
    }

    private static void lookNow(Path cache) throws IOException {
        lookAt(history(cache), Instant.now().minusSeconds(1));
    }

    /** A worker has written down its classes, and they were looked at. */
    private void awaitLook(Path cache) {
        await().atMost(Duration.ofMinutes(2))
                .until(() -> isQuiet(folder)
                        && Files.getLastModifiedTime(history(cache)).toInstant().isAfter(Instant.now()));
    }

    @Test
    void itIsUsedByTheNextProgramButNotWhereItIsSwitchedOff() throws Exception {
        Path cache = copy();
        String output = run();
        assertThat(output).contains(RUNS).contains("-XX:AOTCache=" + cache).doesNotContain("[aot]");
        assertThat(output.substring(output.indexOf("without a cache"))).doesNotContain("AOTCache");
        assertThat(files(folder)).containsExactlyInAnyOrder(cache, history(cache));
    }

    @Test
    void whatWorkersHaveLoadedIsInIt() throws Exception {
        copy();
        assertThat(run("own", LOG)).contains(FROM_CACHE);
    }

    @Test
    void whatAWorkerHadLoadedThatCrashedIsInItToo() throws Exception {
        assertThat(run("and-crash")).contains(RUNS, "crashed");
        awaitCaches(folder, 1);
        assertThat(run("own", LOG)).contains(FROM_CACHE);
    }

    @Test
    void classesThatItDoesNotHaveAreAddedOnceTheyAreMany() throws Exception {
        Path cache = copy();
        String client = "jdk.internal.net.http.HttpClientImpl";
        assertThat(Files.readString(history(cache))).doesNotContain(client);
        lookNow(cache);
        assertThat(run("much")).contains("loaded");
        awaitLook(cache);
        assertThat(Files.readAllLines(history(cache))).contains(client, OWN);
        assertThat(run("much", LOG)).contains(client + " source: shared objects file", FROM_CACHE);
    }

    @Test
    void oneThatFitsIsLookedAtMoreAndMoreRarely() throws Exception {
        Path cache = copy();
        FileTime made = (FileTime) Files.getAttribute(cache, "creationTime");
        for (int looks = 1; looks <= 2; looks++) {
            lookNow(cache);
            Instant begin = Instant.now();
            assertThat(run("own")).contains("loaded");
            awaitLook(cache);
            assertThat(Files.getLastModifiedTime(history(cache)).toInstant())
                    .isAfter(begin.plus(Duration.ofMinutes(1L << looks)));
        }
        assertThat(Files.getAttribute(cache, "creationTime")).isEqualTo(made);
    }

    @Test
    void oneThatIsBrokenIsNotUsedAndNothingIsPrinted() throws Exception {
        Path cache = copy();
        for (int size : new int[] {0, 100, 1_000_000}) {
            Files.write(cache, new byte[size]);
            assertThat(run()).contains(RUNS).doesNotContain("[aot]").doesNotContain("[worker");
        }
    }

    @Test
    void oneThatIsBrokenIsMadeAgain() throws Exception {
        Path cache = copy();
        Files.write(cache, new byte[1000]);
        lookNow(cache);
        assertThat(run("own", LOG)).contains(RUNS).doesNotContain(FROM_CACHE);
        awaitLook(cache);
        assertThat(run("own", LOG)).contains(FROM_CACHE);
    }

    @Test
    void oneThatIsNotUsedIsGivenUpTheSecondTime() throws Exception {
        Path cache = copy();
        Files.write(cache, new byte[1000]);
        Files.writeString(history(cache), "0 true\n");
        lookNow(cache);
        assertThat(run("own")).contains("loaded");
        Path marker = cache.resolveSibling(cache.getFileName() + ".tried");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> Files.exists(marker)
                        && Files.getLastModifiedTime(marker)
                                .toInstant()
                                .isAfter(Instant.now().plus(Duration.ofDays(20))));
        assertThat(cache).doesNotExist();
        assertThat(run("own")).contains("loaded").doesNotContain("AOTCache");
        assertThat(caches(folder)).isEmpty();
    }

    @Test
    void oneInAFolderOfEverybodysIsNotUsed() throws Exception {
        copy();
        Files.setPosixFilePermissions(folder.resolve("offloop"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(run()).contains(RUNS).doesNotContain("AOTCache");
    }

    @Test
    void programsThatStartAtTheSameTimeMakeOne() throws Exception {
        Callable<String> program = () -> run("own");
        try (var threads = Executors.newFixedThreadPool(3)) {
            for (var output : threads.invokeAll(List.of(program, program, program))) {
                assertThat(output.get()).contains(RUNS, "loaded");
            }
        }
        awaitCaches(folder, 1);
        assertThat(files(folder)).hasSize(2);
        assertThat(run("own", LOG)).contains(FROM_CACHE);
    }

    @Test
    void argumentsOfTheJvmThatMatterGetOneOfTheirOwn() throws Exception {
        Path cache = copy();
        assertThat(run("own", "-Dnumber=1")).contains("-XX:AOTCache=" + cache);
        String parallel = "-XX:+UseParallelGC";
        assertThat(run("own", parallel)).contains(RUNS).doesNotContain("AOTCache");
        awaitCaches(folder, 2);
        assertThat(run("own", parallel, LOG)).contains(FROM_CACHE).doesNotContain("-XX:AOTCache=" + cache);
    }

    @Test
    void theEldestAreRemovedWhenThereAreManyAndWhatKilledMakersHaveLeft() throws Exception {
        Path cache = copy();
        for (int i = 0; i < 20; i++) {
            Path other = Files.createFile(folder.resolve("offloop/" + i + ".aot"));
            Files.setLastModifiedTime(other, FileTime.from(Instant.now().minus(Duration.ofDays(i + 1))));
        }
        Path left = Files.createFile(folder.resolve("offloop/0.aot.1-2.new"));
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        lookNow(cache);
        assertThat(run("own")).contains("loaded");
        awaitCaches(folder, 16);
        assertThat(cache).exists();
        assertThat(folder.resolve("offloop/14.aot")).exists();
        assertThat(folder.resolve("offloop/15.aot")).doesNotExist();
        assertThat(left).doesNotExist();
    }

    @Test
    void foldersOnTheClassPathMeanThatThereIsNone() throws Exception {
        List<Path> paths = new ArrayList<>(Programs.modules());
        paths.add(Programs.copyOfProgram(folder));
        assertThat(Programs.run(
                        folder,
                        "-cp",
                        String.join(":", paths.stream().map(Path::toString).toList()),
                        Program.class.getName()))
                .contains(RUNS)
                .doesNotContain("AOTCache");
        assertThat(folder.resolve("offloop")).doesNotExist();
    }
}
