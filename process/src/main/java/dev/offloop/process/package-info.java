/**
 * Runs functions in worker processes: {@link dev.offloop.process.ProcessPoolExecutor} is an {@code ExecutorService} for
 * that.
 *
 * <p>This package is what users see. Behind it, {@code internal.pool} decides which worker runs which call,
 * {@code internal.io} has the processes, sockets and threads of the parent, {@code wire} the messages, and
 * {@code worker} what runs in a worker.
 */
@NullMarked
package dev.offloop.process;

import org.jspecify.annotations.NullMarked;
