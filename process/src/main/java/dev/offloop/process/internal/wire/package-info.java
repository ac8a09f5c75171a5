/** What parent and worker say to each other, and how it is written. Not exported. */
@NullMarked
package dev.offloop.process.internal.wire;

import org.jspecify.annotations.NullMarked;
