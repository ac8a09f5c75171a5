/** Small things that all rooms of this module use. Not exported. */
@NullMarked
package dev.offloop.process.internal.util;

import org.jspecify.annotations.NullMarked;
