/**
 * Tests code that runs on an event loop: without real sleeps, in every order, with offloaded calls under control.
 *
 * <p>{@link dev.offloop.testkit.LoopTest} makes a test method a coroutine; {@link dev.offloop.testkit.TestLoop} is the
 * same without JUnit. {@link dev.offloop.testkit.TestExecutor} decides what offloaded calls return and when;
 * {@link dev.offloop.testkit.BlockingDetector} asserts that the loop is never blocked for too long.
 */
@NullMarked
package dev.offloop.testkit;

import org.jspecify.annotations.NullMarked;
