package dev.offloop.paths;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.loader.tools.Libraries;
import org.springframework.boot.loader.tools.Library;
import org.springframework.boot.loader.tools.LibraryScope;
import org.springframework.boot.loader.tools.Repackager;

/** Programs that find their classes in other ways than these tests do, and whose workers must too. */
class PathsTest {

    @TempDir
    Path folder;

    @Test
    void offloopOnTheModulePath() throws Exception {
        Path program = Programs.copyOfProgram(folder);
        String modulePath =
                String.join(":", Programs.modules().stream().map(Path::toString).toList());
        assertThat(Programs.run(
                        folder,
                        "--module-path",
                        modulePath,
                        "--add-modules",
                        "dev.offloop.process",
                        "--class-path",
                        program.toString(),
                        Program.class.getName()))
                .contains("named: true, result: 42");
    }

    @Test
    void everythingInOneJar() throws Exception {
        Path jar = Programs.jarOfAll(folder);
        assertThat(Programs.run(folder, "-jar", jar.toString())).contains("named: false, result: 42");
    }

    @Test
    void aResultFilterHoldsWhereEverythingIsInOneJar() throws Exception {
        Path jar = Programs.jarOfAll(folder);
        assertThat(Programs.run(folder, "--class-path", jar.toString(), FilteredProgram.class.getName()))
                .contains("allowed: a string", "filtered: true", "failure: thrown, RemoteStackTrace")
                .doesNotContain("the gadget runs", "not filtered");
    }

    @Test
    void anExecutableJarOfSpringBoot() throws Exception {
        Path program = Programs.jarOf(folder.resolve("program.jar"), List.of(Programs.copyOfProgram(folder)));
        Path library = Programs.jarOf(folder.resolve("library.jar"), Programs.modules());
        Path executable = folder.resolve("executable.jar");
        Libraries libraries = use -> use.library(new Library(library.toFile(), LibraryScope.COMPILE));
        new Repackager(program.toFile()).repackage(executable.toFile(), libraries);
        assertThat(Programs.run(folder, "-jar", executable.toString())).contains("named: false, result: 42");
    }
}
