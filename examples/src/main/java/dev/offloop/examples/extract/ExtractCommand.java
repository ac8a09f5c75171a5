package dev.offloop.examples.extract;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.process.Jit;
import dev.offloop.process.ProcessPoolExecutor;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line of the example. */
@Command(
        name = "extract",
        description = {
            "Extracts text, title and page count of all PDF files below the folders, and writes them to a database.",
            "",
            "The files are read in worker processes: one that is broken, endless or hostile costs its own row and"
                    + " nothing else."
        },
        mixinStandardHelpOptions = true,
        version = "extract, an example of Offloop",
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all files are accounted for, broken ones too",
            "1:the job could not be done",
            "2:bad arguments",
            "130:stopped by Ctrl-C; the rows written so far are kept"
        })
@SuppressWarnings({"NullAway.Init", "FieldMayBeFinal"}) // picocli writes the fields
final class ExtractCommand implements Callable<Integer> {

    private static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "Folders to walk, or single files. Default: the project's samples.")
    private List<Path> folders = List.of();

    @Option(
            names = "--db",
            paramLabel = "JDBC-URL",
            description = "The database. Default: an H2 file, ./extract.mv.db.")
    private String database = Database.defaultUrl();

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "How many worker processes there are at most. Default: ${DEFAULT-VALUE}.")
    private int workers = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            defaultValue = "10s",
            description = "How long one file may take, such as 500ms, 10s or 2m. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    @Option(
            names = "--heap",
            paramLabel = "SIZE",
            defaultValue = "256m",
            description = "How large the heap of a worker may get, such as 256m or 1g. Default: ${DEFAULT-VALUE}.")
    private String heap;

    private ExtractCommand() {}

    static void main(String[] args) {
        System.exit(execute(args));
    }

    static int execute(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new ExtractCommand())
                .setParameterExceptionHandler(ExtractCommand::badArguments)
                .setExecutionExceptionHandler(ExtractCommand::failed);
    }

    private static int badArguments(ParameterException e, String[] args) {
        String message = e.getMessage() == null ? "bad arguments" : e.getMessage();
        e.getCommandLine()
                .getErr()
                .println("extract: " + message.lines().findFirst().orElse("") + " (see --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        command.getErr().println("extract: " + (e.getMessage() == null ? e : e.getMessage()));
        return CommandLine.ExitCode.SOFTWARE;
    }

    @Override
    public Integer call() throws Exception {
        List<Path> roots = folders.isEmpty() ? List.of(Samples.folder()) : folders;
        check(roots);
        PrintWriter out = spec.commandLine().getOut();
        long start = System.nanoTime();
        int exitCode = CommandLine.ExitCode.OK;
        Extraction extraction;
        try (Database rows = Database.open(database);
                ProcessPoolExecutor pool = pool()) {
            extraction = new Extraction(pool, workers, rows);
            try {
                Async.run(() -> extraction.run(roots));
            } catch (CancelledError e) {
                exitCode = INTERRUPTED;
            }
        }
        if (exitCode == INTERRUPTED) {
            out.println("interrupted; the rows written so far are kept");
        }
        out.println(Report.of(extraction, Duration.ofNanos(System.nanoTime() - start), database));
        out.flush();
        return exitCode;
    }

    private ProcessPoolExecutor pool() {
        return ProcessPoolExecutor.builder()
                .maxWorkers(workers)
                .maxHeap(heap)
                .callTimeout(timeout)
                .jit(Jit.QUICK) // a run takes seconds, and no two files need the same code
                .build();
    }

    private void check(List<Path> roots) {
        for (Path root : roots) {
            require(!root.toString().isEmpty() && Files.exists(root), "there is no '" + root + "'");
            require(Files.isDirectory(root) || PdfFiles.isPdf(root), root + " is neither a folder nor a PDF file");
        }
        require(workers > 0, "--workers must be at least 1, not " + workers);
        require(heap.matches("[1-9][0-9]*[kKmMgG]"), "--heap must be a size such as 256m or 1g, not " + heap);
        try {
            DriverManager.getDriver(database);
        } catch (SQLException e) {
            require(false, "--db: no JDBC driver on the class path knows " + database);
        }
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }
}
