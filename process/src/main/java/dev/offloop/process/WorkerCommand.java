package dev.offloop.process;

import dev.offloop.process.wire.Writing;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The command line that starts a worker: by default this JVM's {@code java}, this program's class path or module path. */
final class WorkerCommand {

    private static final String MAIN_CLASS = "dev.offloop.process.worker.WorkerMain";
    private static final int LOWEST_PRIORITY = 19;

    private List<String> prefix = List.of();
    private int niceness = LOWEST_PRIORITY;
    private Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    private @Nullable String maxHeap;
    private List<String> jvmArguments = List.of();
    private @Nullable String classPath;
    private @Nullable String serialFilter;
    private boolean plainResults;
    private @Nullable Class<? extends Codec> codec;

    void prefix(List<String> command) {
        this.prefix = command;
    }

    void niceness(int niceness) {
        this.niceness = niceness;
    }

    void java(Path java) {
        this.java = java;
    }

    void maxHeap(String size) {
        this.maxHeap = size;
    }

    void jvmArguments(List<String> arguments) {
        this.jvmArguments = arguments;
    }

    void classPath(String path) {
        this.classPath = path;
    }

    void serialFilter(String pattern) {
        this.serialFilter = pattern;
    }

    /** A filter sees only what JDK serialization writes, so results have to be written so. */
    void plainResults() {
        this.plainResults = true;
    }

    void codec(Class<? extends Codec> type) {
        this.codec = type;
    }

    /**
     * How functions are written for these workers.
     *
     * @throws IllegalStateException for a codec and a filter, which would not see what the codec makes
     */
    Writing writing() {
        if (codec != null && (plainResults || serialFilter != null)) {
            throw new IllegalStateException(
                    "A filter sees only what JDK serialization makes, so a pool cannot have a codec"
                            + " and a resultFilter or functionFilter: let the codec look at what it reads");
        }
        try {
            return new Writing(serialFilter != null, codec == null ? null : Writing.newCodec(codec));
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    codec + " cannot be made: it must be public and have a public constructor without parameters", e);
        }
    }

    List<String> build() {
        List<String> command = new ArrayList<>(prefix);
        if (niceness > 0 && isOnPath("nice")) {
            command.addAll(List.of("nice", "-n", Integer.toString(niceness)));
        }
        command.add(java.toString());
        // One collector thread suits one busy thread, and a small heap: as many workers as cores run side by side.
        command.add("-XX:+UseSerialGC");
        // Its file in the temp folder would stay behind when a worker is killed.
        command.add("-XX:-UsePerfData");
        // A JVM whose heap was full once cannot be trusted with the next call.
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.add(Crash.reportArgument());
        if (maxHeap != null) {
            command.add("-Xmx" + maxHeap);
        }
        if (serialFilter != null) {
            command.add("-Djdk.serialFilter=dev.offloop.**;" + serialFilter);
        }
        if (plainResults) {
            command.add("-D" + Writing.PLAIN + "=true");
        }
        if (codec != null) {
            command.add("-D" + Writing.CODEC + "=" + codec.getName());
        }
        command.addAll(jvmArguments);
        addPath(command, "--class-path", classPath != null ? classPath : System.getProperty("java.class.path"));
        Module module = WorkerCommand.class.getModule();
        if (module.isNamed() && classPath == null) {
            addPath(command, "--module-path", System.getProperty("jdk.module.path"));
            command.addAll(List.of("--add-modules", "ALL-MODULE-PATH"));
            command.addAll(List.of("--module", module.getName() + "/" + MAIN_CLASS));
        } else {
            command.add(MAIN_CLASS);
        }
        return command;
    }

    private static boolean isOnPath(String program) {
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

    private static void addPath(List<String> command, String option, @Nullable String path) {
        if (path != null && !path.isEmpty()) {
            command.add(option);
            command.add(path);
        }
    }
}
