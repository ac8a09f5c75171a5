package dev.offloop.testkit;

import dev.offloop.Coroutine;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * One run of a {@link LoopTest}.
 *
 * @param failed set when it fails, so that no more seeds are tried
 */
record LoopInvocation(
        TestLoop.Builder loop, String name, @Nullable Long seed, AtomicBoolean failed)
        implements TestTemplateInvocationContext, InvocationInterceptor, TestWatcher {

    /** Not a failure of its own: goes with one. */
    private static final class Repeat extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Repeat(long seed) {
            super("The order of the tasks was that of seed " + seed + ": -Doffloop.seed=" + seed + " repeats it");
            setStackTrace(new StackTraceElement[0]);
        }
    }

    @Override
    public String getDisplayName(int invocationIndex) {
        return name;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
        return List.of(this);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        loop.run(coroutine(invocation));
    }

    /**
     * Called before JUnit reports the failure, wherever it comes from: the test, a method before or after it, an
     * extension.
     */
    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        failed.set(true);
        if (seed != null && cause != null) {
            cause.addSuppressed(new Repeat(seed));
        }
    }

    private static Coroutine<@Nullable Void> coroutine(Invocation<@Nullable Void> invocation) {
        return () -> {
            try {
                return invocation.proceed();
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new AssertionError(t);
            }
        };
    }
}
