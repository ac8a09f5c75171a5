/** Watches the steps of all event loops of the JVM. */
@NullMarked
package dev.offloop.internal.monitor;

import org.jspecify.annotations.NullMarked;
