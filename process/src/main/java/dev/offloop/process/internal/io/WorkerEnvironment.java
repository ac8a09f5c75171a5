package dev.offloop.process.internal.io;

import dev.offloop.process.WorkerStartException;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * The user's function that says what is special in the environment of each worker. It is foreign code, so it is called
 * where a worker that does not come to be launched holds up nothing else.
 *
 * @param byIndex returns the variables for the worker of an index; a null value removes a variable
 */
public record WorkerEnvironment(IntFunction<? extends Map<String, String>> byIndex) {

    /**
     * Adds the variables of a worker.
     *
     * @throws WorkerStartException if the function throws, or what it returns is not fit for an environment
     */
    void addTo(Map<String, String> environment, int index) {
        try {
            ProcessLauncher.set(environment, Objects.requireNonNull(of(index), "it returned null"));
        } catch (RuntimeException | Error e) {
            throw new WorkerStartException(
                    "the function of environment(byIndex) failed for the worker with index " + index + ": " + e, e);
        }
    }

    /** Sessions have starter threads of their own, and the function is promised one at a time. */
    private synchronized Map<String, String> of(int index) {
        return byIndex.apply(index);
    }
}
