package dev.offloop.process.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a JVM logs of its classes, and what is kept of it. */
class ClassListTest {

    private static ClassList.Log read(String log) throws IOException {
        return ClassList.Log.read(new ByteArrayInputStream(log.getBytes(StandardCharsets.UTF_8)));
    }

    private static ClassList numbered(int count) {
        return new ClassList(IntStream.range(0, count).mapToObj(i -> "my.C" + i).collect(Collectors.toSet()));
    }

    @Test
    void classesThatHaveAFileAreTakenFromALog() throws IOException {
        ClassList.Log log = read("""
                java.lang.Object source: shared objects file
                java.net.http.HttpClient source: jrt:/java.net.http
                my.pkg.Größe$1 source: file:/app/a%20b.jar
                """);
        assertThat(log.all().names())
                .containsExactlyInAnyOrder("java.lang.Object", "java.net.http.HttpClient", "my.pkg.Größe$1");
        assertThat(log.fromArchive()).containsExactly("java.lang.Object");
        assertThat(log.hasFromElsewhere("java.net.http.HttpClient")).isTrue();
        assertThat(log.hasFromElsewhere("java.lang.Object")).isFalse();
        assertThat(log.hasFromElsewhere("my.Other")).isFalse();
    }

    @Test
    void whatHasNoFileOrIsNoLineOfALogIsLeftOut() throws IOException {
        assertThat(read("""
                my.Main$$Lambda/0x00007f1c0c001000 source: my.Main
                java.lang.invoke.LambdaForm$MH/0x0000000801000400 source: __JVM_LookupDefineClass__
                my.Generated source: __ClassLoader::defineClass__
                jdk.proxy1.$Proxy5 source: __dynamic_proxy__
                jdk.proxy2.$Proxy7 source: shared objects file
                [0.034s][warning][cds] the file is broken
                ../../etc/passwd source: file:/x

                my.Cut source""").all().names()).isEmpty();
    }

    @Test
    void aCacheLacksMuchIfManyAreNewAndNotAFew() {
        assertThat(numbered(100).lacksMuchOf(loaded(200, 0))).isTrue();
        assertThat(numbered(100).lacksMuchOf(loaded(140, 0))).isFalse();
        assertThat(numbered(5000).lacksMuchOf(loaded(5100, 0))).isFalse();
        assertThat(numbered(200).lacksMuchOf(loaded(10, 0))).isFalse();
    }

    @Test
    void aCacheLacksNothingThatCameFromIt() {
        assertThat(numbered(100).lacksMuchOf(loaded(200, 180))).isFalse();
        assertThat(numbered(0).lacksMuchOf(loaded(200, 140))).isTrue();
    }

    private static ClassList.Log loaded(int count, int fromArchive) {
        return new ClassList.Log(numbered(count), numbered(fromArchive).names());
    }

    @Test
    void classesAreLoadedWithoutTheirCodeAndThoseThatAreGoneAreLeftOut() {
        String own = getClass().getName() + "$Own";
        new ClassList(Set.of("my.Gone", own)).load(getClass().getClassLoader());
        assertThat(initialized).isFalse();
    }

    private static boolean initialized;

    static final class Own {
        static {
            initialized = true;
        }
    }

    @Test
    void aHistoryIsReadAsItWasWrittenAndDueLaterAfterEachLook(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("history");
        assertThat(CacheHistory.read(file).classes().names()).isEmpty();
        CacheHistory history = CacheHistory.read(file).madeOf(new ClassList(new TreeSet<>(Set.of("a.B", "a.C"))), true);
        for (int looks = 0; looks < 3; looks++) {
            Instant begin = Instant.now();
            history.write(file);
            assertThat(CacheHistory.read(file)).isEqualTo(history);
            assertThat(Files.getLastModifiedTime(file).toInstant())
                    .isBetween(
                            begin.plus(Duration.ofMinutes(1L << looks)).minusSeconds(1),
                            begin.plus(Duration.ofMinutes(1L << looks)).plusSeconds(60));
            history = history.confirmed();
        }
        assertThat(history.unused()).isFalse();
        Files.writeString(file, "nonsense");
        assertThat(CacheHistory.read(file).classes().names()).isEmpty();
    }
}
