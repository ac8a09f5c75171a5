package dev.offloop.examples.extract;

import dev.offloop.Async;
import java.io.Console;
import java.time.Duration;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** The progress bar, drawn by a task of the loop: a loop that hangs is a bar that hangs. */
final class Progress {

    private static final Duration FRAME = Duration.ofMillis(100);

    private static final int WIDTH = 79;

    private final Totals totals;

    Progress(Totals totals) {
        this.totals = totals;
    }

    /** Draws until it is cancelled. Draws nothing where there is no terminal. */
    void draw() {
        if (Optional.ofNullable(System.console()).filter(Console::isTerminal).isEmpty()) {
            return;
        }
        // The library would draw from a thread of its own; with an endless interval it leaves that to us. It would also
        // look for the terminal, by a library that takes Ctrl-C away from us; with a consumer of its own it does not.
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("extract")
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(Integer.MAX_VALUE)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .build()) {
            while (true) {
                show(bar);
                Async.sleep(FRAME);
            }
        }
    }

    private void show(ProgressBar bar) {
        bar.maxHint(totals.found());
        bar.stepTo(totals.done());
        bar.setExtraMessage(totals.failures() == 0 ? "" : totals.failures() + " failed");
        bar.refresh();
    }
}
