/** The adapter to Micrometer's context propagation. */
@NullMarked
package dev.offloop.micrometer;

import org.jspecify.annotations.NullMarked;
