package dev.offloop.examples.extract;

import java.nio.file.Path;

/** The sample files of the project. */
final class Samples {

    private Samples() {}

    /** The folder, which {@code ./run} names; without it, as seen from the project's folder. */
    static Path folder() {
        return Path.of(System.getProperty("offloop.samples", "examples/samples"));
    }
}
