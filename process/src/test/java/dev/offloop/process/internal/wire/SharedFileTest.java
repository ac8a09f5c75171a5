package dev.offloop.process.internal.wire;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shared memory in other folders than that of this system. */
class SharedFileTest {

    @TempDir
    private Path temp;

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            return files.toList();
        }
    }

    @Test
    void aFileThatHasToKeepItsNameHasItUntilTheMemoryIsClosed() throws Exception {
        SharedFile file = SharedFile.create(new SharedFolder(temp, true), 3, new byte[] {1, 2, 3});
        assertThat(files()).hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().getFirst())))
                .isEqualTo("rw-------");
        SharedSource source = file.source();
        try (Arena arena = Arena.ofConfined()) {
            assertThat(source.map(arena, false).get(JAVA_BYTE, 2)).isEqualTo((byte) 3);
        }
        file.close();
        assertThat(files()).isEmpty();
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> source.map(arena, false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is not there any more");
        }
    }

    @Test
    void aFileInAFolderOnADiskLosesItsNameToo() throws Exception {
        SharedFile file = SharedFile.create(new SharedFolder(temp, false), 3, new byte[] {1, 2, 3});
        assertThat(files()).isEmpty();
        try (Arena arena = Arena.ofConfined()) {
            assertThat(file.source().map(arena, false).get(JAVA_BYTE, 2)).isEqualTo((byte) 3);
        }
        file.close();
    }

    @Test
    void anotherFileInItsPlaceIsNotMapped() throws Exception {
        SharedFile file = SharedFile.create(new SharedFolder(temp, true), 3, null);
        SharedSource source = file.source();
        Path path = Path.of(source.path());
        Files.move(path, temp.resolve("elsewhere"));
        Files.write(path, new byte[3]);
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> source.map(arena, false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is not there any more");
        }
        file.close();
    }

    @Test
    void aFolderThatIsNotThereIsAnErrorThatNamesIt() {
        assertThatThrownBy(() -> SharedFile.create(new SharedFolder(temp.resolve("none"), false), 3, null))
                .hasMessageContaining(temp.resolve("none").toString());
    }
}
