package dev.offloop.examples.extract;

import dev.offloop.process.NotTransferableException;
import dev.offloop.process.WorkerCrashedException;
import java.nio.file.InvalidPathException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/** What became of a file. */
enum Status {
    /** Its text is in the database. */
    OK,
    /** It is not a PDF, or not a whole one. */
    BROKEN,
    /** It needs a password. */
    ENCRYPTED,
    /** It took longer than it may. */
    TIMEOUT,
    /** The worker ended over it: killed, crashed, out of memory. */
    CRASHED,
    /** It could not be read, or something else went wrong. */
    FAILED;

    /** The reason behind what an attempt threw. */
    static Status of(Throwable thrown) {
        return switch (thrown) {
            case TimeoutException _ -> TIMEOUT;
            case WorkerCrashedException _ -> CRASHED;
            case PdfText.EncryptedException _ -> ENCRYPTED;
            case NotTransferableException _, InvalidPathException _ -> FAILED;
            case java.nio.file.FileSystemException _, java.io.FileNotFoundException _ -> FAILED;
            default -> BROKEN; // an IOException of the parser, or whatever a hostile file made it throw
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
