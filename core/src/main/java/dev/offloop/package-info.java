/**
 * Provides an event loop for Java, and executors for the code that would block it.
 *
 * <p>Start with {@link dev.offloop.Async}: its static methods are what a program is written in.
 * {@link dev.offloop.EventLoop} is the loop itself, for callbacks, timers and choosing an executor.
 */
@NullMarked
package dev.offloop;

import org.jspecify.annotations.NullMarked;
