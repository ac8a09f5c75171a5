package dev.offloop.examples.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Run by the build on the JDK that it has selected: writes a script that starts a class of the examples on that JDK, for
 * machines whose default java is an older one.
 */
final class WriteLauncher {

    private WriteLauncher() {}

    /** Takes the script to write, and the JVM arguments that it is to use. */
    static void main(String[] args) throws IOException {
        Path script = Path.of(args[0]);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Files.createDirectories(script.toAbsolutePath().getParent());
        Files.writeString(script, """
                #!/bin/sh
                exec "%s" %s --enable-native-access=ALL-UNNAMED -cp "%s" "$@"
                """.formatted(java, args[1], System.getProperty("java.class.path")));
        if (!script.toFile().setExecutable(true)) {
            throw new IOException(script + " cannot be made executable");
        }
    }
}
