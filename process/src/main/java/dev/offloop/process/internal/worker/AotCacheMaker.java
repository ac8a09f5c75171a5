package dev.offloop.process.internal.worker;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The program that makes an AOT cache: runs a {@link WorkerTraining} whose JVM writes one when it ends, and puts the
 * file in its place once it is whole. Removes caches that were not used for long.
 */
final class AotCacheMaker {

    private static final long TRAINING_SECONDS = 120;
    private static final Duration UNUSED = Duration.ofDays(30);

    private AotCacheMaker() {}

    /**
     * Started by a pool.
     *
     * @param args the file that the training writes, its place, and the command line of the training
     */
    static void main(String[] args) throws IOException, InterruptedException {
        Signals.ignore("INT"); // the program's, in a terminal; this one is done soon
        Signals.ignore("HUP");
        Path unfinished = Path.of(args[0]);
        Path place = Path.of(args[1]);
        try {
            if (train(List.of(args).subList(2, args.length)) && Files.exists(unfinished)) {
                Files.move(unfinished, place, StandardCopyOption.ATOMIC_MOVE);
            }
            removeUnused(Objects.requireNonNull(place.getParent()));
        } finally {
            Files.deleteIfExists(unfinished);
            Files.deleteIfExists(unfinished.resolveSibling(unfinished.getFileName() + ".config"));
        }
    }

    private static boolean train(List<String> command) throws IOException, InterruptedException {
        Process training = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (training.waitFor(TRAINING_SECONDS, TimeUnit.SECONDS)) {
            return training.exitValue() == 0;
        }
        training.descendants().forEach(ProcessHandle::destroyForcibly);
        training.destroyForcibly();
        return false;
    }

    private static void removeUnused(Path folder) throws IOException {
        Instant longAgo = Instant.now().minus(UNUSED);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.aot*")) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(longAgo)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
