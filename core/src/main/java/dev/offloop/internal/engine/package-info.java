/**
 * The event loop: tasks, futures, timers, fibers and their diagnosis. {@link dev.offloop.internal.engine.Loop} is where
 * to start reading.
 */
@NullMarked
package dev.offloop.internal.engine;

import org.jspecify.annotations.NullMarked;
