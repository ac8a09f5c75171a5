package dev.offloop.internal.monitor;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A function in another process, as its pool knows it. From any thread. */
public interface RemoteWork {

    /** Returns where it is, in words that follow its name: {@code runs in worker 2 (pid 4711) of …}. */
    String place();

    /**
     * Asks the other process at which lines the function is, innermost first.
     *
     * @return ends with an empty list if it does not run, and maybe never
     */
    CompletableFuture<List<String>> frames();
}
