/** What the loop and the executors cost. */
@NullMarked
package dev.offloop.bench;

import org.jspecify.annotations.NullMarked;
