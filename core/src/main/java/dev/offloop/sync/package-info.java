/**
 * Provides primitives for state that tasks and threads share: each has a form that awaits and one that blocks.
 *
 * <ul>
 *   <li>The same object serves tasks of any loop and threads, in one queue in order of arrival.
 *   <li>The method with the plain name is for tasks, that with {@code Blocking} in it for threads. Each throws
 *       {@link IllegalStateException} in the wrong place, and names the other.
 *   <li>A waiter that is cancelled, interrupted or times out has nothing, and nothing is lost with it.
 *   <li>State that only tasks of one loop touch, and that need not stay consistent across an await, needs none of this.
 * </ul>
 */
@NullMarked
package dev.offloop.sync;

import org.jspecify.annotations.NullMarked;
