/** What runs in a worker process. Not exported. */
@NullMarked
package dev.offloop.process.worker;

import org.jspecify.annotations.NullMarked;
