/** The programs of the article that Offloop starts from, as they read here. */
@NullMarked
package dev.offloop.examples.intro;

import org.jspecify.annotations.NullMarked;
