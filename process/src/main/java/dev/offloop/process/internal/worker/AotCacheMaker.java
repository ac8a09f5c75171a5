package dev.offloop.process.internal.worker;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The program that makes an AOT cache: reads what a worker has written down of the classes that it loaded, decides
 * whether the cache that is there will do, and if not, runs a {@link WorkerTraining} whose JVM loads the same and
 * writes a cache when it ends. Puts the file in its place once it is whole, and removes caches that are not used.
 *
 * <p>A cache that a worker was given and did not use is made again once. If the next is not used either, something
 * about these workers is in its way, and there is none for a month.
 */
final class AotCacheMaker {

    private static final long TRAINING_SECONDS = 120;
    private static final Duration UNUSED = Duration.ofDays(30);
    private static final Duration LONGEST_MAKING = Duration.ofHours(1);
    private static final int MAX_CACHES = 16;

    private final Path cache;
    private final Path history;
    private final Path marker;
    private final Path unfinished;

    private AotCacheMaker(Path cache, Path unfinished) {
        this.cache = cache;
        this.history = sibling(cache, ".classes");
        this.marker = sibling(cache, ".tried");
        this.unfinished = unfinished;
    }

    private static Path sibling(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /**
     * Started by a pool, which has left a marker, so that no other does for a while. Standard input is what the JVM of
     * a worker has logged.
     *
     * @param args the place of the cache, the file that the training writes, whether the worker was given a cache, and
     *     the command line of the training
     */
    static void main(String[] args) throws IOException, InterruptedException {
        Signals.ignore("INT"); // the program's, in a terminal; this one is done soon
        Signals.ignore("HUP");
        var maker = new AotCacheMaker(Path.of(args[0]), Path.of(args[1]));
        maker.run(Boolean.parseBoolean(args[2]), List.of(args).subList(3, args.length));
        maker.removeUnused();
    }

    private void run(boolean given, List<String> command) throws IOException, InterruptedException {
        ClassList.Log log = ClassList.Log.read(System.in);
        CacheHistory known = CacheHistory.read(history);
        boolean there = Files.exists(cache);
        boolean unused = there && given && log.hasFromElsewhere(WorkerMain.class.getName());
        if (unused && known.unused()) {
            Files.delete(cache);
            Files.setLastModifiedTime(marker, FileTime.from(Instant.now().plus(UNUSED)));
        } else if (there && !unused && !known.classes().lacksMuchOf(log)) {
            known.confirmed().write(history);
            Files.deleteIfExists(marker);
        } else if (make(known.madeOf(log.all(), unused), command)) {
            Files.deleteIfExists(marker);
        }
    }

    private boolean make(CacheHistory of, List<String> command) throws IOException, InterruptedException {
        Path names = sibling(unfinished, ".names");
        try {
            Files.write(names, of.classes().names());
            List<String> training = new ArrayList<>(command);
            training.add(names.toString());
            if (!train(training) || !Files.exists(unfinished)) {
                return false;
            }
            Files.move(unfinished, cache, StandardCopyOption.ATOMIC_MOVE);
            of.write(history);
            return true;
        } finally {
            Files.deleteIfExists(names);
            Files.deleteIfExists(unfinished);
            Files.deleteIfExists(sibling(unfinished, ".config"));
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

    /** Removes caches that were not used for long, the eldest if there are many, and what killed makers have left. */
    private void removeUnused() throws IOException {
        Map<String, Instant> lastUse = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder(), "*.aot*")) {
            for (Path file : files) {
                Instant modified = modified(file);
                String name = file.getFileName().toString();
                if (name.contains(".new")) {
                    if (modified.isBefore(Instant.now().minus(LONGEST_MAKING))) {
                        Files.deleteIfExists(file);
                    }
                } else {
                    lastUse.merge(name.replaceFirst("\\.aot.*", ""), modified, (a, b) -> a.isAfter(b) ? a : b);
                }
            }
        }
        List<String> names = new ArrayList<>(lastUse.keySet());
        names.sort(Comparator.comparing((String name) -> Objects.requireNonNull(lastUse.get(name)))
                .reversed());
        Instant longAgo = Instant.now().minus(UNUSED);
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (i >= MAX_CACHES || Objects.requireNonNull(lastUse.get(name)).isBefore(longAgo)) {
                for (String suffix : List.of("", ".classes", ".tried")) {
                    Files.deleteIfExists(folder().resolve(name + ".aot" + suffix));
                }
            }
        }
    }

    private static Instant modified(Path file) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (NoSuchFileException another) { // process has removed it
            return Instant.now();
        }
    }

    private Path folder() {
        return Objects.requireNonNull(cache.getParent());
    }
}
