import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Run by the build, as a source file, on the JDK that the toolchain plugin has selected: writes a script that starts a
 * class of a module on that JDK, for machines whose default java is an older one.
 *
 * <p>Takes the script to write, the JVM arguments that it is to use, and the jar of the module. The class path is this
 * program's, with the jar in place of the folder that it was made of: a JVM makes AOT caches for jars only.
 */
void main(String[] args) throws IOException {
    Path script = Path.of(args[0]);
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path jar = Path.of(args[2]);
    String classPath = System.getProperty("java.class.path");
    if (Files.exists(jar)) {
        classPath = classPath.replace(jar.resolveSibling("classes").toString(), jar.toString());
    }
    Files.createDirectories(script.toAbsolutePath().getParent());
    Files.writeString(script, """
            #!/bin/sh
            # In the C locale a JVM cannot name files beyond ASCII, and neither can the workers that inherit it.
            case "${LC_ALL:-${LC_CTYPE:-${LANG:-C}}}" in C | POSIX) export LC_ALL=C.UTF-8 ;; esac
            exec "%s" %s --enable-native-access=ALL-UNNAMED -cp "%s" "$@"
            """.formatted(java, args[1], classPath));
    if (!script.toFile().setExecutable(true)) {
        throw new IOException(script + " cannot be made executable");
    }
}
