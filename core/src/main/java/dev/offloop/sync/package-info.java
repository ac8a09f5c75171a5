/** State that tasks and threads share: each primitive has two faces, one that awaits and one that blocks. */
@NullMarked
package dev.offloop.sync;

import org.jspecify.annotations.NullMarked;
