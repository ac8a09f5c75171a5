package dev.offloop.paths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What lets workers start faster, and must never keep them from starting. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class AotCacheTest {

    private static final String RUNS = "named: false, result: 42";

    @TempDir
    Path folder;

    private String run(Path jar) throws Exception {
        return Programs.run(folder, "-jar", jar.toString());
    }

    private List<Path> caches() throws IOException {
        Path caches = folder.resolve("offloop");
        if (!Files.exists(caches)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(caches)) {
            return files.filter(file -> file.toString().endsWith(".aot")).toList();
        }
    }

    /** In this test's folder. */
    private Path make(Path jar) throws Exception {
        assertThat(run(jar)).contains(RUNS).doesNotContain("AOTCache");
        await().atMost(Duration.ofMinutes(2)).until(() -> caches().size() == 1);
        return caches().getFirst();
    }

    @Test
    void itIsMadeOnceAndUsedFromThenOnButNotWhereItIsSwitchedOff() throws Exception {
        Path jar = Programs.jarOfAll(folder);
        Path cache = make(jar);
        Object made = Files.getAttribute(cache, "creationTime");
        String output = run(jar);
        assertThat(output).contains(RUNS).contains("-XX:AOTCache=" + cache).doesNotContain("[aot]");
        assertThat(output.substring(output.indexOf("without a cache"))).doesNotContain("AOTCache");
        assertThat(caches()).containsExactly(cache);
        assertThat(Files.getAttribute(cache, "creationTime")).isEqualTo(made);
        try (Stream<Path> files = Files.list(folder.resolve("offloop"))) {
            assertThat(files.map(file -> file.toString().replaceFirst(".*\\.aot", "")))
                    .containsExactlyInAnyOrder("", ".tried");
        }
    }

    @Test
    void oneThatIsBrokenIsNotUsedAndNothingIsPrinted() throws Exception {
        Path jar = Programs.jarOfAll(folder);
        Path cache = make(jar);
        for (int size : new int[] {0, 100, 1_000_000}) {
            Files.write(cache, new byte[size]);
            assertThat(run(jar)).contains(RUNS).doesNotContain("[aot]").doesNotContain("[worker");
        }
    }

    @Test
    void oneInAFolderOfEverybodysIsNotUsed() throws Exception {
        Path jar = Programs.jarOfAll(folder);
        make(jar);
        Files.setPosixFilePermissions(folder.resolve("offloop"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(run(jar)).contains(RUNS).doesNotContain("AOTCache");
    }
}
