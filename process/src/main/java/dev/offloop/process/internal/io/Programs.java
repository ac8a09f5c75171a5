package dev.offloop.process.internal.io;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/** The programs that this system has. */
final class Programs {

    private Programs() {}

    static boolean isOnPath(String program) {
        String path = System.getenv("PATH");
        if (path != null) {
            for (String folder : path.split(File.pathSeparator, -1)) {
                if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
                    return true;
                }
            }
        }
        return false;
    }
}
