/** What runs in a worker process. Not exported. */
@NullMarked
package dev.offloop.process.internal.worker;

import org.jspecify.annotations.NullMarked;
