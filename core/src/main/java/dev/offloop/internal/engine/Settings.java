package dev.offloop.internal.engine;

import dev.offloop.Engine;
import dev.offloop.ErrorContext;
import dev.offloop.EventLoop;
import dev.offloop.LoopClock;
import dev.offloop.internal.util.ErrorLog;
import dev.offloop.monitor.SlowStep;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a loop is to be. */
public record Settings(
        Engine engine,
        LoopClock clock,
        boolean debug,
        boolean eagerTasks,
        @Nullable Long seed,
        @Nullable Duration standstill,
        String threadName,
        @Nullable Executor defaultExecutor,
        BiConsumer<? super EventLoop, ? super ErrorContext> exceptionHandler,
        Duration slowStepThreshold,
        @Nullable Consumer<? super SlowStep> slowStepListener) {

    public static final BiConsumer<EventLoop, ErrorContext> LOGGED = (_, context) -> ErrorLog.error(context);

    /** Debug mode can be switched on for a whole program. */
    public static boolean debugByDefault() {
        return Boolean.getBoolean("offloop.debug");
    }

    public static Settings of(Engine engine) {
        return new Settings(
                engine,
                LoopClock.system(),
                debugByDefault(),
                false,
                null,
                null,
                "offloop",
                null,
                LOGGED,
                SlowStepThreshold.byDefault(),
                null);
    }
}
