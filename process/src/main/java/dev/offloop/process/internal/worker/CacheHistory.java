package dev.offloop.process.internal.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * What is known of an AOT cache: a file beside it, whose time of modification is when a worker next writes down its
 * classes, for the cache to be compared with. The more often nothing was found, the later that is.
 *
 * @param classes what the cache was made of
 * @param looks how often workers that used it were found to load the same classes
 * @param unused whether it was made since a worker did not use the one before
 */
record CacheHistory(ClassList classes, int looks, boolean unused) {

    private static final CacheHistory NONE = new CacheHistory(new ClassList(new TreeSet<>()), 0, false);
    private static final Duration FIRST_LOOK = Duration.ofMinutes(1);
    private static final int MAX_DOUBLINGS = 10;

    /** Reads it; empty if there is none, or none that makes sense. */
    static CacheHistory read(Path file) throws IOException {
        try {
            List<String> lines = Files.readAllLines(file);
            String[] head = lines.getFirst().split(" ", 2);
            return new CacheHistory(
                    new ClassList(new TreeSet<>(lines.subList(1, lines.size()))),
                    Integer.parseInt(head[0]),
                    Boolean.parseBoolean(head[1]));
        } catch (NoSuchFileException | RuntimeException none) {
            return NONE;
        }
    }

    /** Writes it, in one step. */
    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(looks + " " + unused);
        lines.addAll(classes.names());
        Path unfinished = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".new");
        Files.write(unfinished, lines);
        Duration wait = FIRST_LOOK.multipliedBy(1L << Math.min(looks, MAX_DOUBLINGS));
        Files.setLastModifiedTime(unfinished, FileTime.from(Instant.now().plus(wait)));
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A worker that used the cache had nothing new. */
    CacheHistory confirmed() {
        return new CacheHistory(classes, looks + 1, false);
    }

    /** The cache is made anew. */
    CacheHistory madeOf(ClassList more, boolean since) {
        return new CacheHistory(classes.with(more), 0, since);
    }
}
