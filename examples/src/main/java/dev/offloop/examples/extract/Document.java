package dev.offloop.examples.extract;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a worker finds in a PDF file.
 *
 * @param title the title in its properties, if it has one
 * @param pages how many pages it has
 * @param text all of its text
 */
record Document(@Nullable String title, int pages, String text) implements Serializable {}
