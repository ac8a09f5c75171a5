package dev.offloop.process;

/**
 * Sets how {@link ProcessPoolExecutor#map} divides its inputs into calls.
 *
 * @param chunkSize how many inputs one call gets; at least 1. A larger number suits short functions
 * @param ahead how many calls may run, wait, or have results that are not read yet; at least 1
 */
public record MapOptions(int chunkSize, int ahead) {

    /** Options with one input per call, and twice as many calls as there are processors. */
    public static final MapOptions DEFAULT =
            new MapOptions(1, 2 * Runtime.getRuntime().availableProcessors());

    /**
     * Makes options. It is shorter to derive them from {@link #DEFAULT}.
     *
     * @throws IllegalArgumentException if one of the numbers is less than 1
     */
    public MapOptions {
        if (chunkSize < 1 || ahead < 1) {
            throw new IllegalArgumentException(
                    "chunkSize and ahead must be at least 1: " + chunkSize + " and " + ahead);
        }
    }

    /**
     * Returns these options with another chunk size.
     *
     * @param inputs how many inputs one call gets; at least 1
     * @return the changed options
     * @throws IllegalArgumentException if the number is less than 1
     */
    public MapOptions chunkSize(int inputs) {
        return new MapOptions(inputs, ahead);
    }

    /**
     * Returns these options with another number of calls ahead.
     *
     * @param calls how many calls may run, wait, or have results that are not read yet; at least 1
     * @return the changed options
     * @throws IllegalArgumentException if the number is less than 1
     */
    public MapOptions ahead(int calls) {
        return new MapOptions(chunkSize, calls);
    }
}
