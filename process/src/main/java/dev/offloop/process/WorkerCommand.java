package dev.offloop.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The command line that starts a worker: this JVM's {@code java}, this program's class path or module path. */
final class WorkerCommand {

    private static final String MAIN_CLASS = "dev.offloop.process.worker.WorkerMain";

    private WorkerCommand() {}

    static List<String> of(List<String> jvmArguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // One collector thread suits one busy thread, and a small heap: as many workers as cores run side by side.
        command.add("-XX:+UseSerialGC");
        // Its file in the temp folder would stay behind when a worker is killed.
        command.add("-XX:-UsePerfData");
        // A JVM whose heap was full once cannot be trusted with the next call.
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.addAll(jvmArguments);
        addPath(command, "--class-path", System.getProperty("java.class.path"));
        Module module = WorkerCommand.class.getModule();
        if (module.isNamed()) {
            addPath(command, "--module-path", System.getProperty("jdk.module.path"));
            command.addAll(List.of("--add-modules", "ALL-MODULE-PATH"));
            command.addAll(List.of("--module", module.getName() + "/" + MAIN_CLASS));
        } else {
            command.add(MAIN_CLASS);
        }
        return command;
    }

    private static void addPath(List<String> command, String option, @Nullable String path) {
        if (path != null && !path.isEmpty()) {
            command.add(option);
            command.add(path);
        }
    }
}
