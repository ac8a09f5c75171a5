package dev.offloop.paths;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
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
    void aClosedPackageOfAModuleIsNamedWithTheWayToOpenIt() throws Exception {
        assertThat(runModule("module my.app { requires dev.offloop.process; }"))
                .contains(
                        "is not Serializable. Make it Serializable, or leave it out. To have the path to it named here,"
                                + " add 'opens my.pkg to dev.offloop.process;' to the module-info.java of my.app");
    }

    @Test
    void anOpenPackageOfAModuleHasThePath() throws Exception {
        assertThat(runModule("module my.app { requires dev.offloop.process; opens my.pkg to dev.offloop.process; }"))
                .contains("It is reached by captured value 1 of the lambda in my.pkg.Main")
                .doesNotContain("To have the path");
    }

    private String runModule(String descriptor) throws Exception {
        String modulePath =
                String.join(":", Programs.modules().stream().map(Path::toString).toList());
        Path descriptorFile = Files.writeString(folder.resolve("module-info.java"), descriptor);
        Path main = Files.writeString(folder.resolve("Main.java"), """
                package my.pkg;

                import dev.offloop.process.ProcessPoolExecutor;

                public class Main {
                    public static void main(String[] args) throws Exception {
                        try (var pool = ProcessPoolExecutor.create(1)) {
                            Object lock = new Object();
                            int n = 41;
                            System.out.println("result: " + pool.submit(() -> n + 1).get());
                            pool.submit(() -> lock.hashCode()).whenComplete((_, e) -> System.out.println(e));
                        }
                    }
                }
                """);
        Path classes = folder.resolve("classes");
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-d",
                                classes.toString(),
                                "-p",
                                modulePath,
                                descriptorFile.toString(),
                                main.toString()))
                .isZero();
        String output = Programs.run(folder, "--module-path", modulePath + ":" + classes, "-m", "my.app/my.pkg.Main");
        assertThat(output).contains("result: 42");
        return output;
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
