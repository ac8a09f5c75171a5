/** Functions on executors, the default executor, and the deadlocks between them. */
@NullMarked
package dev.offloop.internal.offload;

import org.jspecify.annotations.NullMarked;
