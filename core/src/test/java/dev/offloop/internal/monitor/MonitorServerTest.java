package dev.offloop.internal.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** In which folder a program lets itself be looked at. */
@DisabledOnOs(OS.WINDOWS)
class MonitorServerTest {

    @TempDir
    private Path temp;

    private static Set<PosixFilePermission> mode(String permissions) {
        return PosixFilePermissions.fromString(permissions);
    }

    private Path folder(String permissions) throws IOException {
        Path folder = Files.createDirectory(temp.resolve("folder"));
        Files.createFile(folder.resolve("1.attach"));
        Files.setPosixFilePermissions(folder, mode(permissions));
        return folder;
    }

    @Test
    void folderOfThisUserAloneIsTrusted() throws IOException {
        Path folder = folder("rwx------");
        assertThat(MonitorServer.isOurs(folder, folder.resolve("1.attach"))).isTrue();
    }

    @Test
    void folderThatOthersCanEnterIsNot() throws IOException {
        Path folder = folder("rwxr-xr-x");
        assertThat(MonitorServer.isOurs(folder, folder.resolve("1.attach"))).isFalse();
    }

    @Test
    void linkToAFolderIsNot() throws IOException {
        Path folder = folder("rwx------");
        Path link = Files.createSymbolicLink(temp.resolve("link"), folder);
        assertThat(MonitorServer.isOurs(link, link.resolve("1.attach"))).isFalse();
    }

    @Test
    void requestThatIsALinkIsNot() throws IOException {
        Path folder = folder("rwx------");
        Path link = Files.createSymbolicLink(folder.resolve("2.attach"), folder.resolve("1.attach"));
        assertThat(MonitorServer.isOurs(folder, link)).isFalse();
    }
}
