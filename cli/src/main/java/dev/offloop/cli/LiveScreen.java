package dev.offloop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;
import org.jspecify.annotations.Nullable;

/**
 * The full screen of {@code top}: draws a status, waits for a key or the next one, draws again. It leaves the terminal
 * as it was, whatever ends it.
 */
final class LiveScreen {

    /** Of a terminal that does not know its size. */
    private static final Size USUAL = Size.of(80, 24);

    private static final int ESCAPE = 27;
    private static final long ESCAPE_MILLIS = 50;

    private final StatusSource source;
    private final Duration pause;
    private @Nullable JsonNode before;
    private @Nullable JsonNode status;
    private boolean stopped;

    LiveScreen(StatusSource source, Duration pause) {
        this.source = source;
        this.pause = pause;
    }

    void run() throws IOException, LookException {
        try (Terminal terminal =
                TerminalBuilder.builder().system(true).dumb(true).build()) {
            Attributes attributes = terminal.enterRawMode();
            terminal.puts(Capability.enter_ca_mode);
            terminal.puts(Capability.cursor_invisible);
            try {
                loop(terminal);
            } finally {
                terminal.puts(Capability.cursor_visible);
                terminal.puts(Capability.exit_ca_mode);
                terminal.setAttributes(attributes);
                terminal.flush();
            }
        }
    }

    private void loop(Terminal terminal) throws IOException, LookException {
        var display = new Display(terminal, true);
        NonBlockingReader keys = terminal.reader();
        advance();
        while (true) {
            draw(terminal, display);
            long end = System.nanoTime() + pause.toNanos();
            boolean next = false;
            while (!next) {
                long left = stopped ? pause.toMillis() : (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    advance();
                    break;
                }
                int key = keys.read(left);
                if (key == 'q' || key == 3 || key == NonBlockingReader.EOF) {
                    return;
                }
                next = handle(key, keys);
            }
        }
    }

    /** Returns whether there is something new to draw. */
    private boolean handle(int key, NonBlockingReader keys) throws IOException, LookException {
        if (key == ' ') {
            stopped = !stopped;
            return true;
        }
        if (key == ESCAPE && keys.read(ESCAPE_MILLIS) == '[') {
            int arrow = keys.read(ESCAPE_MILLIS);
            if (source.isRecorded() && (arrow == 'C' || arrow == 'D')) {
                stopped = true;
                if (arrow == 'D') {
                    source.back(2);
                    before = null;
                }
                advance();
                return true;
            }
        }
        return false;
    }

    private void advance() throws LookException {
        JsonNode next = source.next();
        if (next != null) {
            before = status;
            status = next;
        }
    }

    private void draw(Terminal terminal, Display display) {
        JsonNode status = this.status;
        if (status == null) {
            return;
        }
        Size size = terminal.getSize();
        int rows = size.getRows() > 0 ? size.getRows() : USUAL.getRows();
        int columns = size.getColumns() > 0 ? size.getColumns() : USUAL.getColumns();
        display.resize(Size.of(columns, rows));
        List<AttributedString> lines = new ArrayList<>();
        String heading = source.heading() + (stopped ? ", stopped" : "");
        for (String line : Screen.lines(status, before, heading)) {
            if (lines.size() < rows) {
                lines.add(AttributedString.fromAnsi(line).columnSubSequence(0, columns));
            }
        }
        display.update(lines, 0);
    }
}
