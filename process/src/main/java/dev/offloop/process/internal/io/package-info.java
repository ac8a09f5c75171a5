/**
 * Processes, sockets, files and threads: the {@link dev.offloop.process.internal.pool.Platform} that pools run on. Not
 * exported.
 */
@NullMarked
package dev.offloop.process.internal.io;

import org.jspecify.annotations.NullMarked;
