package dev.offloop.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/**
 * Looks at the event loops of running programs.
 *
 * <p>Exit codes: 0 for success, 1 if the program cannot be looked at, 2 for a command line that is wrong.
 */
@Command(
        name = "offloop",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Looks at the event loops of running programs, also while they are blocked.",
        subcommands = {
            PsCommand.class,
            PstreeCommand.class,
            TopCommand.class,
            AdviceCommand.class,
            RecordCommand.class,
            HelpCommand.class
        })
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler((failure, line, _) -> {
            if (failure instanceof LookException problem) {
                line.getErr().println("offloop: " + problem.getMessage());
                return 1;
            }
            throw failure;
        });
    }

    /** Of the jar. */
    static final class Version implements IVersionProvider {

        static String text() {
            String version = Main.class.getPackage().getImplementationVersion();
            return version == null ? "unknown" : version;
        }

        @Override
        public String[] getVersion() {
            return new String[] {"offloop " + text()};
        }
    }
}
