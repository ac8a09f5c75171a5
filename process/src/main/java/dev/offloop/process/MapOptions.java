package dev.offloop.process;

/**
 * How {@link ProcessPoolExecutor#map} goes through its inputs.
 *
 * @param chunkSize how many inputs make one call; more for functions that are short
 * @param ahead how many calls may be under way or wait to be read
 */
public record MapOptions(int chunkSize, int ahead) {

    /** One input per call, and twice as many calls as there are processors. */
    public static final MapOptions DEFAULT =
            new MapOptions(1, 2 * Runtime.getRuntime().availableProcessors());

    /** Checks its arguments. */
    public MapOptions {
        if (chunkSize < 1 || ahead < 1) {
            throw new IllegalArgumentException(
                    "chunkSize and ahead must be at least 1: " + chunkSize + " and " + ahead);
        }
    }

    /** These options with another chunk size. */
    public MapOptions chunkSize(int inputs) {
        return new MapOptions(inputs, ahead);
    }

    /** These options with another number of calls. */
    public MapOptions ahead(int calls) {
        return new MapOptions(chunkSize, calls);
    }
}
