package dev.offloop.process.internal.pool;

import dev.offloop.process.internal.wire.Values;
import org.jspecify.annotations.Nullable;

/**
 * A call on its way to a worker, as it was when it was given to it. The thread that sends it may be late: the call may
 * have been taken back and have another number by then, but this number tells the worker not to begin it.
 *
 * @param number its number among the calls of this worker
 * @param function what to run
 * @param context the caller's, or null if it is empty
 */
@SuppressWarnings("ArrayRecordComponent") // a message, never compared
public record Outgoing(long number, Values.Written function, byte @Nullable [] context) {}
