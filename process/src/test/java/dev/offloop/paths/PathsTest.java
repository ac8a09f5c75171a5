package dev.offloop.paths;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.process.ProcessPoolExecutor;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that find their classes in other ways than these tests do, and whose workers must too. */
class PathsTest {

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    /** The program. */
    static final class Program {
        public static void main(String[] args) throws Exception {
            try (var pool = ProcessPoolExecutor.create(1)) {
                int n = 7;
                System.out.println(
                        "named: " + ProcessPoolExecutor.class.getModule().isNamed() + ", result: "
                                + pool.submit(() -> n * 6).get());
            }
        }
    }

    private static List<Path> classPath() {
        return Pattern.compile(System.getProperty("path.separator"))
                .splitAsStream(System.getProperty("java.class.path"))
                .map(Path::of)
                .toList();
    }

    /** Folders or jars of Offloop's modules and of JSpecify; without the tests. */
    private static List<Path> modules() {
        return classPath().stream()
                .filter(path -> path.toString()
                        .matches(".*(offloop-core|core/target/classes|process/target/classes|jspecify).*"))
                .toList();
    }

    private static String run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(JAVA));
        command.addAll(List.of(arguments));
        Process program = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(program.waitFor(40, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    @Test
    void offloopOnTheModulePath(@TempDir Path folder) throws Exception {
        Path tests = copyOfProgram(folder);
        String modulePath =
                String.join(":", modules().stream().map(Path::toString).toList());
        assertThat(run(
                        "--module-path",
                        modulePath,
                        "--add-modules",
                        "dev.offloop.process",
                        "--class-path",
                        tests.toString(),
                        Program.class.getName()))
                .contains("named: true, result: 42");
    }

    @Test
    void everythingInOneJar(@TempDir Path folder) throws Exception {
        Path jar = folder.resolve("fat.jar");
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Program.class.getName());
        try (OutputStream file = Files.newOutputStream(jar);
                var out = new JarOutputStream(file, manifest)) {
            for (Path path : modules()) {
                if (Files.isDirectory(path)) {
                    add(path, out);
                } else {
                    try (var system = java.nio.file.FileSystems.newFileSystem(path)) {
                        add(system.getPath("/"), out);
                    }
                }
            }
            add(copyOfProgram(folder), out);
        }
        assertThat(run("-jar", jar.toString())).contains("named: false, result: 42");
    }

    /** The classes of the program alone, in a folder. */
    private static Path copyOfProgram(Path folder) throws Exception {
        Path classes = Files.createDirectories(folder.resolve("program/dev/offloop/paths"));
        for (Class<?> type : List.of(PathsTest.class, Program.class)) {
            String name = type.getName().substring(type.getPackageName().length() + 1) + ".class";
            try (var in = type.getResourceAsStream(name)) {
                Files.copy(in, classes.resolve(name));
            }
        }
        return folder.resolve("program");
    }

    private static void add(Path root, JarOutputStream out) throws Exception {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = root.relativize(file).toString();
                if (name.startsWith("dev/") || name.startsWith("org/")) {
                    out.putNextEntry(new JarEntry(name));
                    Files.copy(file, out);
                    out.closeEntry();
                }
            }
        }
    }
}
