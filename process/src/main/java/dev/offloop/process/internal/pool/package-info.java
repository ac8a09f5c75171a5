/**
 * The parent's side of a pool: which worker runs which call, and how both end. Sees processes, threads and time only
 * through {@link dev.offloop.process.internal.pool.Platform} and {@link dev.offloop.process.internal.pool.WorkerLink}.
 * Not exported.
 */
@NullMarked
package dev.offloop.process.internal.pool;

import org.jspecify.annotations.NullMarked;
