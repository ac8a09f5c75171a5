/** The values of context variables, ours and those of foreign libraries, on their way between threads. */
@NullMarked
package dev.offloop.internal.context;

import org.jspecify.annotations.NullMarked;
