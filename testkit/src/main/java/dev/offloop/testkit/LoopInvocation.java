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
import org.opentest4j.TestAbortedException;

/**
 * One run of a {@link LoopTest}.
 *
 * @param failed set when it fails, so that no more seeds are tried
 */
record LoopInvocation(
        TestLoop.Builder loop, String name, @Nullable Long seed, AtomicBoolean failed)
        implements TestTemplateInvocationContext, InvocationInterceptor {

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
        try {
            loop.run(coroutine(invocation));
        } catch (TestAbortedException skipped) {
            throw skipped;
        } catch (Throwable t) {
            failed.set(true);
            if (seed != null) {
                t.addSuppressed(new Repeat(seed));
            }
            throw t;
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
