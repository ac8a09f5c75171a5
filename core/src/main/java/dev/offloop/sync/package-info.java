/**
 * State that tasks and threads share: each primitive has two faces, one that awaits and one that blocks.
 *
 * <ul>
 *   <li>The very same object serves tasks of any loop and threads, in one line in order of arrival.
 *   <li>The method with the plain name is for tasks, that with {@code Blocking} in it for threads. Each throws
 *       {@link IllegalStateException} in the wrong place, and names the other.
 *   <li>Whoever is cancelled, interrupted or late has nothing, and nothing is lost with it.
 *   <li>State that only tasks of one loop touch, and that need not stay true across an await, needs none of this.
 * </ul>
 */
@NullMarked
package dev.offloop.sync;

import org.jspecify.annotations.NullMarked;
