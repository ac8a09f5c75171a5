package dev.offloop.hosts;

import static dev.offloop.Async.await;
import static dev.offloop.Async.toThread;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.ChildJvm;
import dev.offloop.EventLoop;
import java.awt.EventQueue;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.swing.SwingUtilities;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A loop on Swing's event dispatch thread. */
class SwingTest {

    @Test
    void callbacksRunOnTheEventDispatchThreadAlsoWithoutADisplay() throws Exception {
        EventLoop loop = EventLoop.on(SwingUtilities::invokeLater);
        String worker = loop.runCoroutineThreadsafe(() -> {
                    assertThat(await(loop.callOnOwnThread(EventQueue::isDispatchThread)))
                            .isTrue();
                    return await(toThread(() -> Thread.currentThread().getName()));
                })
                .get(20, TimeUnit.SECONDS);
        assertThat(worker).startsWith("offloop-pool");
        loop.shutdown().get(10, TimeUnit.SECONDS);
    }

    @Test
    void aButtonStartsATaskThatUpdatesItsWindow() throws Exception {
        Process display = startVirtualDisplay();
        try (BufferedReader reader = display.inputReader(StandardCharsets.UTF_8)) {
            String number = reader.readLine();
            ChildJvm.Result result = ChildJvm.run(SwingWindow.class, Map.of("DISPLAY", ":" + number));
            assertThat(result.output()).contains("label: loaded", "ticked meanwhile: true");
            assertThat(result.exitCode()).isZero();
        } finally {
            display.destroy();
            display.waitFor();
        }
    }

    private static Process startVirtualDisplay() {
        try {
            return new ProcessBuilder("Xvfb", "-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException missing) {
            Assumptions.abort("There is no Xvfb here to show a window on; .ci/run installs one");
            throw new AssertionError(missing);
        }
    }
}
