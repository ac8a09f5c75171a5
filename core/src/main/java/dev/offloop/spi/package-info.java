/** What others implement for Offloop to find. */
@NullMarked
package dev.offloop.spi;

import org.jspecify.annotations.NullMarked;
