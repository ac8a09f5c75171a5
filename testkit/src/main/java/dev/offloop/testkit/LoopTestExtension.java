package dev.offloop.testkit;

import static org.junit.platform.commons.support.AnnotationSupport.findAnnotation;

import dev.offloop.Engine;
import dev.offloop.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Runs each {@link LoopTest} once for every engine and seed that it asks for, until one fails. */
final class LoopTestExtension implements TestTemplateInvocationContextProvider {

    /** Repeats one seed. */
    private static final String SEED = "offloop.seed";

    LoopTestExtension() {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return findAnnotation(context.getElement(), LoopTest.class).isPresent();
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        LoopTest test = findAnnotation(context.getElement(), LoopTest.class).orElseThrow();
        List<Engine> engines = test.engines().length == 0 ? List.of(EventLoop.engine()) : List.of(test.engines());
        return engines.stream().flatMap(engine -> seeded(test, engine, context.getDisplayName()));
    }

    private static Stream<TestTemplateInvocationContext> seeded(LoopTest test, Engine engine, String name) {
        if (test.seeds() < 0) {
            throw new IllegalArgumentException(
                    "A @LoopTest cannot have " + test.seeds() + " seeds: 0 is the usual order");
        }
        String shown = test.engines().length == 0 ? name : name + ", " + engine;
        if (test.seeds() == 0) {
            return Stream.of(new LoopInvocation(loop(test, engine), shown, null, new AtomicBoolean()));
        }
        var failed = new AtomicBoolean();
        return seeds(test.seeds())
                .takeWhile(_ -> !failed.get())
                .mapToObj(seed ->
                        new LoopInvocation(loop(test, engine).seed(seed), shown + ", seed " + seed, seed, failed));
    }

    private static TestLoop.Builder loop(LoopTest test, Engine engine) {
        TestLoop.Builder loop = TestLoop.builder().engine(engine).timeout(Duration.ofSeconds(test.timeout()));
        return test.realTime() ? loop.realTime() : loop;
    }

    private static LongStream seeds(int number) {
        Long wished = wishedSeed();
        return wished != null ? LongStream.of(wished) : LongStream.rangeClosed(1, number);
    }

    private static @Nullable Long wishedSeed() {
        String text = System.getProperty(SEED, "");
        try {
            return text.isEmpty() ? null : Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw new IllegalStateException(
                    "System property " + SEED + " is '" + text + "', and should be a number", e);
        }
    }
}
