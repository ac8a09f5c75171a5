package dev.offloop.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * The lines that one worker prints. Read by the pool's output thread, and at the end by the I/O thread, which must not
 * miss what was printed last; so its methods are synchronized.
 */
final class PrintedLines {

    private static final int KEPT = 20;
    private static final int LONGEST = 16 * 1024;
    private static final int PIECE = 64 * 1024;

    private final long worker;
    private final Process process;
    private final Consumer<? super WorkerOutput.Line> listener;
    private final Stream out;
    private final Stream error;
    private final ArrayDeque<String> last = new ArrayDeque<>();
    private final byte[] piece = new byte[PIECE];

    PrintedLines(long worker, Process process, Consumer<? super WorkerOutput.Line> listener) {
        this.worker = worker;
        this.process = process;
        this.listener = listener;
        this.out = new Stream(process.getInputStream(), false);
        this.error = new Stream(process.getErrorStream(), true);
    }

    /** Reads what is there. False if that is nothing. */
    synchronized boolean read() {
        boolean some = out.read();
        some |= error.read();
        return some;
    }

    /** Reads all that is left, and the last line also if nothing ends it. */
    synchronized void finish() {
        while (read()) {
            // until there is nothing
        }
        out.finish();
        error.finish();
    }

    /** The last lines, for an error message; empty if there were none. */
    synchronized String tail() {
        return String.join("\n", last);
    }

    private void take(String text, boolean isError) {
        if (last.size() == KEPT) {
            last.removeFirst();
        }
        last.addLast(text);
        try {
            listener.accept(new WorkerOutput.Line(worker, process.pid(), isError, text));
        } catch (RuntimeException e) { // the user's; the lines must go on being read
            System.getLogger("dev.offloop").log(System.Logger.Level.ERROR, "A listener to workers' output failed", e);
        }
    }

    /** Standard output or error. */
    private final class Stream {
        private final InputStream in;
        private final boolean isError;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Stream(InputStream in, boolean isError) {
            this.in = in;
            this.isError = isError;
        }

        boolean read() {
            try {
                int count = Math.min(piece.length, in.available());
                if (count > 0) {
                    split(in.readNBytes(piece, 0, count));
                }
                return count > 0;
            } catch (IOException closed) {
                return false;
            }
        }

        private void split(int count) {
            int from = 0;
            for (int i = 0; i < count; i++) {
                if (piece[i] == '\n') {
                    line.write(piece, from, i - from);
                    from = i + 1;
                    emit();
                }
            }
            line.write(piece, from, count - from);
            if (line.size() >= LONGEST) {
                emit();
            }
        }

        void finish() {
            if (line.size() > 0) {
                emit();
            }
        }

        private void emit() {
            String text = line.toString(Charset.defaultCharset());
            line.reset();
            take(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, isError);
        }
    }
}
