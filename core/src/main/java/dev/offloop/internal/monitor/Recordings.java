package dev.offloop.internal.monitor;

import dev.offloop.internal.jfr.Jfr;
import dev.offloop.internal.jfr.StatusEvent;
import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.Errors;
import dev.offloop.internal.util.Json;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records for the tool: {@code record start}, then {@code record stop FILE}.
 *
 * <p>A recording ends with the server, which ends when the tool does not ask any more.
 */
final class Recordings {

    private static final Duration LONGEST = Duration.ofHours(24);
    private static final String START = "record start";
    private static final String STOP = "record stop ";

    /** Guarded by the class's monitor. */
    private static @Nullable AutoCloseable recording;

    private Recordings() {}

    /** Answers a question; one that is not known too. */
    static synchronized String answer(String question) {
        if (question.equals(START)) {
            if (recording != null) {
                return error("A recording is under way already");
            }
            recording = Jfr.start(LONGEST);
            return recording == null ? error("This program cannot record: it has no module jdk.jfr") : "{}";
        }
        if (question.startsWith(STOP)) {
            return stop(question.substring(STOP.length()));
        }
        return error("This program does not know the question '" + question + "': it has another version of Offloop");
    }

    private static String stop(String file) {
        AutoCloseable recording = Recordings.recording;
        if (recording == null) {
            return error("There is no recording");
        }
        try {
            writeStatus();
            Jfr.write(recording, Path.of(file));
            close();
            return "{}";
        } catch (IOException | InvalidPathException e) {
            return error("The recording cannot be written: " + e);
        }
    }

    private static String error(String message) {
        return Json.of(Map.of("protocol", Snapshot.PROTOCOL, "error", message));
    }

    /** The server ends. */
    static synchronized void close() {
        if (recording != null) {
            try {
                recording.close();
            } catch (Exception e) {
                // it does not record any more
            }
            recording = null;
        }
    }

    /** Called about once a second while somebody records. */
    static void writeStatus() {
        var event = new StatusEvent();
        if (event.isEnabled()) {
            try {
                event.json = Snapshot.status();
                event.commit();
            } catch (RuntimeException e) { // an executor of the user's that cannot be asked
                ErrorLog.error(Errors.of("No status can be recorded", e));
            }
        }
    }
}
