/**
 * An {@code ExecutorService} whose functions run in worker processes: {@link dev.offloop.process.ProcessPoolExecutor}.
 *
 * <p>This package is the parent's side; {@code worker} is what runs in a worker, {@code wire} what they say to each other.
 */
@NullMarked
package dev.offloop.process;

import org.jspecify.annotations.NullMarked;
