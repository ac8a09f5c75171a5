/** The launcher of the examples. */
@NullMarked
package dev.offloop.examples.launch;

import org.jspecify.annotations.NullMarked;
