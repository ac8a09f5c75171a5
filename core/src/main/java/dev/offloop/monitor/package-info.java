/** Reports what blocks an event loop, where, and what to do about it. */
@NullMarked
package dev.offloop.monitor;

import org.jspecify.annotations.NullMarked;
