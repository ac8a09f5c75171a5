package dev.offloop.process.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.process.internal.wire.Handshake;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of programs that were killed. */
class PoolFolderTest {

    @TempDir
    Path temp;

    /** Makes a folder and lives on, until its standard input ends. */
    static final class Owner {
        public static void main(String[] args) throws Exception {
            System.out.println(PoolFolder.create().path());
            int _ = System.in.read();
        }
    }

    private Process owner() throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + temp,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName())
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void theFolderOfAKilledProgramIsRemovedAndThatOfALivingOneIsNot() throws Exception {
        Process killed = owner();
        Process living = owner();
        Path abandoned = Path.of(killed.inputReader().readLine());
        Path used = Path.of(living.inputReader().readLine());
        killed.destroyForcibly();
        assertThat(killed.waitFor(30, TimeUnit.SECONDS)).isTrue();
        PoolFolder.deleteAbandoned(temp);
        assertThat(abandoned).doesNotExist();
        assertThat(used).isDirectory();
        living.destroyForcibly();
    }

    @Test
    void aFolderWhoseProgramWasKilledBeforeItWasLockedIsRemovedWhenItIsOld() throws Exception {
        Path old = Files.createDirectory(temp.resolve(".offloop-1"));
        Path locked = Files.createDirectory(temp.resolve(".offloop-2"));
        Path young = Files.createDirectory(temp.resolve(".offloop-3"));
        FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
        try (FileChannel owner =
                FileChannel.open(locked.resolve(Handshake.LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            owner.lock();
            Files.setLastModifiedTime(old, longAgo);
            Files.setLastModifiedTime(locked, longAgo);
            PoolFolder.deleteAbandoned(temp);
            assertThat(old).doesNotExist();
            assertThat(locked).isDirectory();
            assertThat(young).isDirectory();
        }
    }

    @Test
    void theFolderOfThisProgramAndForeignFoldersStay() throws Exception {
        PoolFolder ours = PoolFolder.create();
        Path temp = ours.path().getParent();
        Path foreign = Files.createDirectory(temp.resolve("offloop-of-another-kind-" + System.nanoTime()));
        PoolFolder.deleteAbandoned(temp);
        assertThat(ours.path()).isDirectory();
        assertThat(foreign).isDirectory();
        Files.delete(foreign);
        ours.delete();
        assertThat(ours.path()).doesNotExist();
    }
}
