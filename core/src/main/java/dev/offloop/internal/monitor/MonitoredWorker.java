package dev.offloop.internal.monitor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Shows a worker process at a moment.
 *
 * @param number its number in the pool
 * @param pid its process id; -1 before there is a process
 * @param state what it does, in lower case
 * @param calls how many calls it has answered
 * @param since for how long it has been in this state
 * @param call what it runs; null if nothing
 */
public record MonitoredWorker(
        long number,
        long pid,
        String state,
        long calls,
        Duration since,
        @Nullable RemoteWork call) {}
