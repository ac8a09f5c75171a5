/**
 * Tests of code that runs on an event loop: without sleeping, in every order, and with the world outside under control.
 *
 * <p>{@link dev.offloop.testkit.LoopTest} makes a test method a coroutine; {@link dev.offloop.testkit.TestLoop} is the
 * same without JUnit. {@link dev.offloop.testkit.TestExecutor} decides what offloaded calls return and when, and
 * {@link dev.offloop.testkit.BlockingDetector} whether the loop was held for too long.
 */
@NullMarked
package dev.offloop.testkit;

import org.jspecify.annotations.NullMarked;
