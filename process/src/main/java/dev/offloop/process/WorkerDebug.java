package dev.offloop.process;

/**
 * Says whether a debugger can attach to workers, for {@link ProcessPoolExecutor.Builder#debug}. {@link WorkerContext}
 * describes how to debug a function.
 */
public enum WorkerDebug {
    /** No debugger can attach. The default. */
    OFF,

    /** A debugger can attach at any time. */
    ATTACH,

    /**
     * Each worker waits at its start until a debugger has attached, so that no call runs before. A worker ends when
     * none is attached for an hour, at its start or after one has detached: one that waits at its start would otherwise
     * outlive this process if that is killed.
     */
    SUSPEND;

    private static final String PROPERTY = "offloop.worker.debug";

    /**
     * Returns what the system property says.
     *
     * @return {@link #OFF} without the property
     */
    static WorkerDebug ofProperty() {
        String value = System.getProperty(PROPERTY);
        return switch (value) {
            case null -> OFF;
            case "off", "false" -> OFF;
            case "", "attach", "true" -> ATTACH;
            case "suspend" -> SUSPEND;
            default ->
                throw new IllegalArgumentException(
                        "The system property " + PROPERTY + " must be attach, suspend or off: " + value);
        };
    }
}
