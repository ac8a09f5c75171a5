package dev.offloop;

import dev.offloop.spi.ContextPropagator;

/** Carries one thread-local; found as a service. */
public final class TestPropagator implements ContextPropagator {

    static final ThreadLocal<String> VALUE = new ThreadLocal<>();

    /** For the service loader. */
    public TestPropagator() {}

    @Override
    public Object capture() {
        if ("throw".equals(VALUE.get())) {
            throw new IllegalStateException("expected in the log of this test");
        }
        return VALUE.get();
    }

    @Override
    public Scope restore(Object captured) {
        if ("throw when restored".equals(captured)) {
            throw new LinkageError("expected in the log of this test");
        }
        String before = VALUE.get();
        if (captured == null) {
            VALUE.remove();
        } else {
            VALUE.set((String) captured);
        }
        return () -> {
            if (before == null) {
                VALUE.remove();
            } else {
                VALUE.set(before);
            }
        };
    }
}
