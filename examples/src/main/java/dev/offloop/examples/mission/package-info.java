/** The programs of the article that Offloop starts from, as they read here. */
@NullMarked
package dev.offloop.examples.mission;

import org.jspecify.annotations.NullMarked;
