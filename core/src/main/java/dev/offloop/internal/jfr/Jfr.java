package dev.offloop.internal.jfr;

import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import jdk.jfr.Configuration;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import org.jspecify.annotations.Nullable;

/**
 * Says whether anybody records.
 *
 * <p>Every place that could write an event asks {@link #isOn} first, one read of a field, and the event's class is not
 * even loaded before it is true. The watchdog looks once a second; the JDK tells without starting the Flight Recorder
 * whether that has been done. A JVM without the module {@code jdk.jfr} never records.
 */
public final class Jfr {

    private static boolean on;
    private static boolean missing;

    private Jfr() {}

    /** Whether somebody records. May be a second old. */
    public static boolean isOn() {
        return on;
    }

    /** Looks whether somebody records now. */
    public static void look() {
        if (!missing) {
            try {
                on = FlightRecorder.isInitialized() && isRecording();
            } catch (LinkageError noModule) {
                missing = true;
            }
        }
    }

    private static boolean isRecording() {
        for (Recording recording : FlightRecorder.getFlightRecorder().getRecordings()) {
            if (recording.getState() == RecordingState.RUNNING) {
                return true;
            }
        }
        return false;
    }

    /** Starts a recording, which ends after a time at the latest. Returns null if this JVM cannot record. */
    public static @Nullable AutoCloseable start(Duration longest) {
        try {
            var recording = new Recording(Configuration.getConfiguration("default"));
            recording.setName("offloop");
            recording.setDuration(longest);
            recording.start();
            on = true;
            return recording;
        } catch (IOException | ParseException | LinkageError | IllegalStateException | SecurityException e) {
            return null;
        }
    }

    /** Writes what a recording has to a file. */
    public static void write(AutoCloseable recording, Path file) throws IOException {
        ((Recording) recording).dump(file);
    }
}
