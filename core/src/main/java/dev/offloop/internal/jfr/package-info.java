/** Events for the JDK's Flight Recorder. */
@NullMarked
package dev.offloop.internal.jfr;

import org.jspecify.annotations.NullMarked;
