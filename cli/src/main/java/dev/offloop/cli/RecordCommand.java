package dev.offloop.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Records a program with the JDK's Flight Recorder, until Ctrl-C or for a time. */
@Command(
        name = "record",
        description = {
            "Records a program with the JDK's Flight Recorder, until Ctrl-C or for a time.",
            "'offloop top --file FILE' shows the recording, and so does JDK Mission Control."
        },
        mixinStandardHelpOptions = true)
final class RecordCommand implements Callable<Integer> {

    /** The program ends a recording that nobody asks for any more. */
    private static final long ASK_SECONDS = 10;

    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(index = "0", paramLabel = "PID", description = "The program.")
    long pid;

    @Parameters(index = "1", paramLabel = "FILE", description = "The recording, to be written by the program.")
    Path file = Path.of("");

    @Option(
            names = {"-s", "--seconds"},
            paramLabel = "N",
            description = "For how long; until Ctrl-C if it is not given.")
    @Nullable
    Long seconds;

    @Override
    public Integer call() throws LookException, InterruptedException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        if (Files.exists(target) || folder == null || !Files.isDirectory(folder)) {
            throw new ParameterException(
                    java.util.Objects.requireNonNull(spec).commandLine(),
                    Files.exists(target) ? target + " is there already" : "There is no folder " + folder);
        }
        if (seconds != null && seconds < 1) {
            throw new ParameterException(
                    java.util.Objects.requireNonNull(spec).commandLine(), "At least one second is needed: " + seconds);
        }
        PrintWriter out = Output.of(spec);
        Target program = Target.of(pid);
        program.ask("record start");
        out.println("Recording process " + pid + (seconds == null ? ", until Ctrl-C" : " for " + seconds + " s"));
        out.flush();
        var ended = new CountDownLatch(1);
        var written = new CountDownLatch(1);
        var hook = new Thread(() -> {
            ended.countDown();
            try {
                var _ = written.await(ASK_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook); // Ctrl-C
        try {
            waitFor(program, ended);
            program.ask("record stop " + target);
            out.println("Written to " + target);
            out.flush();
        } finally {
            written.countDown();
        }
        return 0;
    }

    private void waitFor(Target program, CountDownLatch ended) throws LookException, InterruptedException {
        long end = seconds == null
                ? Long.MAX_VALUE
                : System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        boolean over = false;
        while (!over) {
            long left = end == Long.MAX_VALUE ? Long.MAX_VALUE : end - System.nanoTime();
            over = left <= 0
                    || ended.await(Math.min(left, TimeUnit.SECONDS.toNanos(ASK_SECONDS)), TimeUnit.NANOSECONDS);
            if (!over && (end == Long.MAX_VALUE || System.nanoTime() < end)) {
                program.ask("status");
            }
        }
    }
}
