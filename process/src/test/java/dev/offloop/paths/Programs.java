package dev.offloop.paths;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
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

/** Builds and runs programs of other class paths than that of the tests. */
final class Programs {

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private Programs() {}

    static List<Path> classPath() {
        return Pattern.compile(System.getProperty("path.separator"))
                .splitAsStream(System.getProperty("java.class.path"))
                .map(Path::of)
                .toList();
    }

    /** Folders or jars of Offloop's modules and of JSpecify; without the tests. */
    static List<Path> modules() {
        return classPath().stream()
                .filter(path -> path.toString()
                        .matches(".*(offloop-core|core/target/classes|process/target/classes|jspecify).*"))
                .toList();
    }

    /** What a JVM of these arguments prints. Its caches are in a folder of the test's. */
    static String run(Path caches, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(JAVA));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("XDG_CACHE_HOME", caches.toString());
        Process program = builder.start();
        String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    /** The program and all that it needs in one jar. */
    static Path jarOfAll(Path folder) throws Exception {
        Path jar = folder.resolve("all.jar");
        List<Path> all = new ArrayList<>(modules());
        all.add(copyOfProgram(folder));
        return jarOf(jar, all);
    }

    /** A jar of the classes in folders and jars, which runs the program. */
    static Path jarOf(Path jar, List<Path> paths) throws Exception {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Program.class.getName());
        try (OutputStream file = Files.newOutputStream(jar);
                var out = new JarOutputStream(file, manifest)) {
            for (Path path : paths) {
                if (Files.isDirectory(path)) {
                    add(path, out);
                } else {
                    try (var system = FileSystems.newFileSystem(path)) {
                        add(system.getPath("/"), out);
                    }
                }
            }
        }
        return jar;
    }

    /** The classes of the programs alone, in a folder. */
    static Path copyOfProgram(Path folder) throws Exception {
        Path classes = Files.createDirectories(folder.resolve("program/dev/offloop/paths"));
        for (Class<?> type :
                List.of(Program.class, Program.Own.class, FilteredProgram.class, FilteredProgram.Gadget.class)) {
            String name = type.getName().substring(type.getPackageName().length() + 1) + ".class";
            try (var in = type.getResourceAsStream(name)) {
                Files.copy(in, classes.resolve(name));
            }
        }
        return folder.resolve("program");
    }

    static void add(Path root, JarOutputStream out) throws Exception {
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
