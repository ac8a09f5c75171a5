/** The adapter to Micrometer's context propagation, and binders for its metrics. */
@NullMarked
package dev.offloop.micrometer;

import org.jspecify.annotations.NullMarked;
