package dev.offloop;

import java.util.Objects;
import java.util.concurrent.Executor;

/** Checks that an executor can be the default executor. */
final class DefaultExecutors {

    private DefaultExecutors() {}

    static Executor checked(Executor executor) {
        Objects.requireNonNull(executor, "executor");
        if (executor instanceof RemoteExecutor) {
            throw new IllegalArgumentException("The default executor must run functions in this JVM: toThread's"
                    + " lambdas are not serializable. Pass the RemoteExecutor to runInExecutor instead");
        }
        if (executor instanceof CapacityLimiter limiter && !limiter.hasExecutor()) {
            throw new IllegalArgumentException("A CapacityLimiter without an executor of its own runs functions on the"
                    + " default executor, so it cannot be that one: new CapacityLimiter(limit, executor)");
        }
        return executor;
    }
}
