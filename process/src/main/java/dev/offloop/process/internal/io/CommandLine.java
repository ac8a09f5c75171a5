package dev.offloop.process.internal.io;

import java.util.ArrayList;
import java.util.List;

/**
 * The command line of a worker, in its parts.
 *
 * @param prefix the user's, and {@code nice}
 * @param java the executable
 * @param ours the arguments of the JVM that Offloop wants
 * @param users those that the user wants
 * @param paths where the classes are
 * @param launch what the JVM runs
 */
public record CommandLine(
        List<String> prefix, String java, List<String> ours, List<String> users, Paths paths, Launch launch) {

    private static final String WORKER = "dev.offloop.process.internal.worker.WorkerMain";

    /** Where classes are. Empty for no such path. */
    public record Paths(String classes, String modules) {}

    /** What the JVM runs, and how its command line says so. */
    public sealed interface Launch {
        /** The end of the command line, from the class path on. */
        List<String> of(String mainClass);

        /** A class on the class path. */
        record OfClass() implements Launch {
            @Override
            public List<String> of(String mainClass) {
                return List.of(mainClass);
            }
        }

        /** A class of a module. */
        record OfModule(String module) implements Launch {
            @Override
            public List<String> of(String mainClass) {
                return List.of("--add-modules", "ALL-MODULE-PATH", "--module", module + "/" + mainClass);
            }
        }

        /** A class in a jar of Spring Boot, whose own launcher finds what is in the jars in it. */
        record OfSpringBoot(String launcher) implements Launch {
            @Override
            public List<String> of(String mainClass) {
                return List.of("-Dloader.main=" + mainClass, launcher);
            }
        }
    }

    /** Starts a worker whose JVM gets these arguments too. */
    List<String> worker(List<String> more) {
        List<String> command = new ArrayList<>(prefix);
        command.add(java);
        command.addAll(ours);
        command.addAll(more);
        command.addAll(users);
        command.addAll(program(WORKER));
        return command;
    }

    /** Starts another program of Offloop, with what Offloop wants of the JVM and these. */
    List<String> program(List<String> more, String mainClass) {
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(ours);
        command.addAll(more);
        command.addAll(program(mainClass));
        return command;
    }

    private List<String> program(String mainClass) {
        List<String> command = new ArrayList<>();
        addPath(command, "--class-path", paths.classes());
        addPath(command, "--module-path", paths.modules());
        command.addAll(launch.of(mainClass));
        return command;
    }

    private static void addPath(List<String> command, String option, String path) {
        if (!path.isEmpty()) {
            command.add(option);
            command.add(path);
        }
    }
}
