/** What Offloop's own modules share. Not for programs: it changes without notice. */
@NullMarked
package dev.offloop.internal.util;

import org.jspecify.annotations.NullMarked;
