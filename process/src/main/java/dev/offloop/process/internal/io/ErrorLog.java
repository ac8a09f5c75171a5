package dev.offloop.process.internal.io;

import dev.offloop.process.internal.util.Log;
import java.util.concurrent.TimeUnit;

/**
 * Logs the errors of a thread that has to go on, but not each of them: an error that comes again at once must neither
 * fill a disk nor end the thread by what the logging of it throws. For one thread.
 */
final class ErrorLog {

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String who;
    private long last;
    private long suppressed;
    private boolean any;

    ErrorLog(String who) {
        this.who = who;
    }

    void log(Throwable error) {
        try {
            long now = System.nanoTime();
            if (any && now - last < INTERVAL_NANOS) {
                suppressed++;
                return;
            }
            String more = suppressed == 0 ? "" : " (" + suppressed + " more errors since the last message)";
            any = true;
            last = now;
            suppressed = 0;
            Log.OFFLOOP.log(System.Logger.Level.ERROR, who + " met an error and goes on" + more, error);
        } catch (Throwable noMemory) {
            // there will be another chance to say it
        }
    }
}
