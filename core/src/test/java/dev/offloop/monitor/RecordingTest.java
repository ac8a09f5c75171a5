package dev.offloop.monitor;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.Runner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Flight Recorder gets. */
class RecordingTest {

    @TempDir
    private Path folder;

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("dev.offloop." + name))
                .toList();
    }

    @Test
    void slowStepsTasksOffloadsAndStatusAreRecorded() throws Exception {
        Path file = folder.resolve("recording.jfr");
        try (var recording = new Recording();
                var runner = Runner.builder()
                        .threadName("recorded")
                        .onSlowStep(_ -> {})
                        .build()) {
            recording.start();
            runner.run(() -> {
                sleep(Duration.ofMillis(1_500)); // until the watchdog has seen the recorder
                await(createTask("offloader", () -> await(toThread(() -> Thread.sleep(30)))));
                Thread.sleep(300);
                yieldNow();
                sleep(Duration.ofMillis(1_500));
            });
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(named(events, "SlowStep")).anySatisfy(event -> {
            assertThat(event.getString("loop")).isEqualTo("recorded");
            assertThat(event.getString("cause")).isEqualTo("SLEEP");
            assertThat(event.getString("place")).startsWith("dev.offloop.monitor.RecordingTest.");
            assertThat(event.getDuration("blocked")).isGreaterThan(Duration.ofMillis(200));
        });
        assertThat(named(events, "Task")).anySatisfy(event -> {
            assertThat(event.getString("task")).isEqualTo("offloader");
            assertThat(event.getString("creator")).startsWith("task Task-");
            assertThat(event.getString("outcome")).isEqualTo("succeeded");
            assertThat(event.getDuration()).isGreaterThanOrEqualTo(Duration.ofMillis(30));
        });
        assertThat(named(events, "Offload")).anySatisfy(event -> {
            assertThat(event.getString("site")).startsWith("dev.offloop.monitor.RecordingTest.");
            assertThat(event.getString("executor")).startsWith("default executor");
            assertThat(event.getDuration("run")).isGreaterThanOrEqualTo(Duration.ofMillis(30));
        });
        assertThat(named(events, "Status"))
                .anySatisfy(event -> assertThat(event.getString("json")).contains("\"name\":\"recorded\""));
    }
}
