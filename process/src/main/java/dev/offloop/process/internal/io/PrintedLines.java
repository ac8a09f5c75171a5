package dev.offloop.process.internal.io;

import dev.offloop.process.WorkerOutput;
import dev.offloop.process.internal.util.Log;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The lines that one worker prints. They are read by the pool's output thread, and at the end by the I/O thread, which
 * must not miss what was printed last: hence the lock. The listener is called by the output thread only and without the
 * lock, so that a slow listener holds up the printing only.
 */
final class PrintedLines {

    private static final int KEPT = 20;
    private static final int LONGEST = 16 * 1024;
    private static final int BUFFER_SIZE = 64 * 1024;

    private final long worker;
    private final Process process;
    private final Consumer<? super WorkerOutput.Line> listener;
    private final Stream out;
    private final Stream error;
    private final ArrayDeque<String> last = new ArrayDeque<>();
    private final ArrayDeque<WorkerOutput.Line> pending = new ArrayDeque<>();
    private boolean finished;
    private final byte[] buffer = new byte[BUFFER_SIZE];

    PrintedLines(long worker, Process process, Consumer<? super WorkerOutput.Line> listener) {
        this.worker = worker;
        this.process = process;
        this.listener = listener;
        this.out = new Stream(process.getInputStream(), false);
        this.error = new Stream(process.getErrorStream(), true);
    }

    /** On the output thread: reads what is there and hands it to the listener. Returns false if there was nothing. */
    boolean pump() {
        boolean some = read();
        for (var line = next(); line != null; line = next()) {
            handOver(line);
        }
        return some;
    }

    private synchronized boolean read() {
        boolean some = out.read();
        some |= error.read();
        return some;
    }

    private synchronized WorkerOutput.@Nullable Line next() {
        return pending.poll();
    }

    private void handOver(WorkerOutput.Line line) {
        try {
            listener.accept(line);
        } catch (Throwable e) { // the user's; the lines must go on being read
            Log.OFFLOOP.log(System.Logger.Level.ERROR, "A listener to workers' output failed", e);
        }
    }

    /** On the I/O thread, after the end of the process: reads all that is left, and leaves the telling to the other. */
    synchronized void finish() {
        while (read()) {
            // until there is nothing
        }
        out.finish();
        error.finish();
        finished = true;
    }

    /** Whether nothing more will come, and all was handed over. */
    synchronized boolean isOver() {
        return finished && pending.isEmpty();
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
        pending.add(new WorkerOutput.Line(worker, process.pid(), isError, text));
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
                int count = Math.min(buffer.length, in.available());
                if (count > 0) {
                    split(in.readNBytes(buffer, 0, count));
                }
                return count > 0;
            } catch (IOException closed) {
                return false;
            }
        }

        private void split(int count) {
            int from = 0;
            for (int i = 0; i < count; i++) {
                if (buffer[i] == '\n') {
                    line.write(buffer, from, i - from);
                    from = i + 1;
                    emit();
                }
            }
            line.write(buffer, from, count - from);
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
