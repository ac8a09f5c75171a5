package dev.offloop.internal.engine;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.Async;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** On one carrier a pinned task of the portable engine would stop everything: it needs a JVM of its own to be tried. */
class StepWatchTest {

    @Test
    void aPinnedTaskOnTheOnlyCarrierEndsInAnError() throws Exception {
        assertThat(outputWith(1, Program.class)).contains("class initializer").contains("and the loop is well");
    }

    @Test
    void anInitializerThatAwaitsItsOwnClassEndsInAnErrorWithAnotherCarrierFree() throws Exception {
        assertThat(outputWith(2, SelfAwaiting.class))
                .contains("class initializer")
                .contains("and the loop is well");
    }

    private static String outputWith(int carriers, Class<?> main) throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djdk.virtualThreadScheduler.parallelism=" + carriers,
                        "-Djdk.virtualThreadScheduler.maxPoolSize=" + carriers,
                        "-Doffloop.engine=portable",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(jvm.waitFor(30, TimeUnit.SECONDS)).as("it has ended").isTrue();
            return new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            jvm.destroyForcibly();
        }
    }

    static final class Program {
        static final Callable<Integer> ONE = () -> 1;

        public static void main(String[] args) throws Exception {
            run(() -> {
                try {
                    IO.println(Pinned.RESULT);
                } catch (ExceptionInInitializerError e) {
                    IO.println(e.getCause().getMessage());
                }
                IO.println(await(createTask(() -> "and the loop is well")));
            });
        }
    }

    private static final class Pinned {
        static final int RESULT;

        static {
            try {
                RESULT = await(Async.toThread(Program.ONE));
            } catch (Exception e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }

    static final class SelfAwaiting {
        public static void main(String[] args) throws Exception {
            run(() -> {
                try {
                    IO.println(Own.RESULT);
                } catch (ExceptionInInitializerError e) {
                    IO.println(e.getCause().getMessage());
                }
                IO.println(await(createTask(() -> "and the loop is well")));
            });
        }
    }

    private static final class Own {
        static final int RESULT;

        static {
            try {
                RESULT = await(Async.toThread(() -> 1)); // whose lambda needs this class
            } catch (Exception e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }
}
