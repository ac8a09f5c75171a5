package dev.offloop.examples.extract;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A row of the database: a file and what became of it.
 *
 * @param file the file
 * @param status {@code ok}, or the reason of its failure
 * @param document what was found, if all went well
 * @param error what went wrong, if something did
 * @param millis how long it took
 */
record Row(
        Path file,
        Status status,
        @Nullable Document document,
        @Nullable String error,
        long millis) {}
