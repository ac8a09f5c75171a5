package dev.offloop.internal.engine;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.run;
import static dev.offloop.Async.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.offloop.Async;
import dev.offloop.Future;
import dev.offloop.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A failure shows who awaited it. */
class AwaitTraceTest {

    private static String failing() {
        throw new IllegalStateException("boom");
    }

    private static String middle(Future<String> future) throws Exception {
        return await(future);
    }

    private static String outer(Future<String> future) throws Exception {
        return middle(future);
    }

    private static List<String> trace(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace())
                .map(frame -> frame.getClassName().startsWith("---") ? frame.getClassName() : frame.getMethodName())
                .toList();
    }

    @Test
    void failureOfAFunctionShowsItsAwaitersBelowItsOwnFrames() {
        assertThatThrownBy(() -> run(() -> {
                    await(createTask("checkout", () -> outer(toThread(AwaitTraceTest::failing))));
                }))
                .satisfies(thrown -> assertThat(trace(thrown))
                        .startsWith("failing")
                        .containsSubsequence("failing", "--- awaited by task checkout ---", "middle", "outer")
                        .last()
                        .as("where run was called: the last frame of the test's thread")
                        .isEqualTo(trace(new Throwable()).getLast()));
    }

    @Test
    void eachTaskThatAFailurePassesIsShownOnce() {
        assertThatThrownBy(() -> run(() -> {
                    await(createTask("a", () -> outer(createTask("b", () -> middle(createTask(() -> failing()))))));
                }))
                .satisfies(thrown -> assertThat(trace(thrown))
                        .containsSubsequence(
                                "failing",
                                "--- awaited by task b ---",
                                "middle",
                                "--- awaited by task a ---",
                                "middle",
                                "outer")
                        .filteredOn(frame -> frame.startsWith("---"))
                        .hasSize(3));
    }

    @Test
    void failureOfAChildShowsWhereItsGroupIs() throws Exception {
        run(() -> {
            Throwable thrown = catchThrowable(() -> group());
            assertThat(trace(thrown))
                    .containsSubsequence(
                            "failing", "--- awaited by task " + Task.current().name() + " ---", "group");
        });
    }

    private static void group() throws Exception {
        Async.taskGroup(group -> {
            group.createTask(() -> failing());
        });
    }

    @Test
    void onlyFramesOfTheUserAreAppended() throws Exception {
        run(() -> {
            Throwable thrown = catchThrowable(() -> outer(toThread(AwaitTraceTest::failing)));
            List<StackTraceElement> all = List.of(thrown.getStackTrace());
            int marker = trace(thrown)
                    .indexOf("--- awaited by task " + Task.current().name() + " ---");
            assertThat(all.subList(marker + 1, all.size()))
                    .isNotEmpty()
                    .noneMatch(frame -> frame.getClassName().equals("dev.offloop.internal.engine.LoopTask")
                            || frame.getClassName().equals("dev.offloop.Async")
                            || frame.getClassName().equals("java.lang.VirtualThread"));
        });
    }

    @Test
    void awaitingAFailureAgainAndAgainDoesNotMakeItsTraceGrow() throws Exception {
        run(() -> {
            Future<String> failed = toThread(AwaitTraceTest::failing);
            List<Integer> lengths = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                lengths.add(catchThrowable(() -> outer(failed)).getStackTrace().length);
            }
            assertThat(lengths.getLast()).isEqualTo(lengths.getFirst());
            for (int i = 0; i < 100; i++) {
                await(createTask(() -> assertThatThrownBy(() -> outer(failed)).hasMessage("boom")));
            }
            assertThat(trace(failed.exception()))
                    .filteredOn(frame -> frame.startsWith("---"))
                    .hasSize(AwaitTrace.BOUNDARIES);
        });
    }

    @Test
    void exceptionsWithoutAUsualTraceStayAsTheyAre() throws Exception {
        List<RuntimeException> odd = List.of(new NoTrace(), new NullTrace(), new ThrowingTrace());
        for (RuntimeException exception : odd) {
            assertThatThrownBy(() -> run(() -> await(CompletableFuture.failedFuture(exception))))
                    .isSameAs(exception);
        }
    }

    private static final class NoTrace extends RuntimeException {
        NoTrace() {
            super("no trace", null, true, false);
        }
    }

    private static final class NullTrace extends RuntimeException {
        @Override
        @SuppressWarnings("NullAway") // on purpose
        public StackTraceElement[] getStackTrace() {
            return null;
        }
    }

    private static final class ThrowingTrace extends RuntimeException {
        @Override
        public StackTraceElement[] getStackTrace() {
            throw new UnsupportedOperationException();
        }
    }
}
