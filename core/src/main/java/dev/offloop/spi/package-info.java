/** Provides interfaces for libraries that extend Offloop. */
@NullMarked
package dev.offloop.spi;

import org.jspecify.annotations.NullMarked;
