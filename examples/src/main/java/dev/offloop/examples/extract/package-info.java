/** The main job: text and figures of many PDF files, hostile ones among them, into a database. */
@NullMarked
package dev.offloop.examples.extract;

import org.jspecify.annotations.NullMarked;
