package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.offloop.Async;
import dev.offloop.EventLoop;
import dev.offloop.RemoteCallable;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which classes filters let through though the user's patterns do not name them. */
class ResultFilterTest {

    private static final String THIS_CLASS_ONLY =
            "java.base/*;" + ResultFilterTest.class.getName() + ";" + ResultFilterTest.class.getName() + "$$Lambda*;!*";

    private static ObjectInputFilter.Status statusOf(@Nullable Class<?> type, long arrayLength) {
        return ResultFilter.around(ObjectInputFilter.Config.createFilter("!*"))
                .checkInput(new ObjectInputFilter.FilterInfo() {
                    @Override
                    public @Nullable Class<?> serialClass() {
                        return type;
                    }

                    @Override
                    public long arrayLength() {
                        return arrayLength;
                    }

                    @Override
                    public long depth() {
                        return 1;
                    }

                    @Override
                    public long references() {
                        return 1;
                    }

                    @Override
                    public long streamBytes() {
                        return 1;
                    }
                });
    }

    @Test
    void whatOffloopSendsAroundResultsPasses() {
        for (Class<?> type : List.of(
                RemoteStackTrace.class,
                NotTransferableException.class,
                ProcessCallException.class,
                StackTraceElement.class)) {
            assertThat(statusOf(type, -1)).as(type.getName()).isEqualTo(ObjectInputFilter.Status.ALLOWED);
        }
    }

    @Test
    void anyOtherClassOfItsPackageOrJarDoesNot() {
        for (Class<?> type : List.of(ProcessPoolExecutor.class, PoolStatistics.class, getClass(), EventLoop.class)) {
            assertThat(statusOf(type, -1)).as(type.getName()).isEqualTo(ObjectInputFilter.Status.REJECTED);
        }
    }

    @Test
    void aTracePassesUpToTheLengthInWhichItIsSent() {
        assertThat(statusOf(StackTraceElement[].class, 1024)).isEqualTo(ObjectInputFilter.Status.ALLOWED);
        assertThat(statusOf(StackTraceElement[].class, 1025)).isEqualTo(ObjectInputFilter.Status.REJECTED);
        assertThat(statusOf(StackTraceElement[].class, Integer.MAX_VALUE)).isEqualTo(ObjectInputFilter.Status.REJECTED);
    }

    @Test
    void aStrictFilterStillLetsTheCallerSeeWhatWasThrownAndWhere() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .resultFilter(ObjectInputFilter.Config.createFilter("maxarray=10;!*"))
                .build()) {
            Throwable thrown = catchThrowable(() -> get(pool.submit(() -> {
                        throw new IOException("disk");
                    })))
                    .getCause();
            assertThat(thrown)
                    .isInstanceOf(NotTransferableException.class)
                    .hasMessageContaining("The function threw java.io.IOException: disk")
                    .hasCauseInstanceOf(RemoteStackTrace.class);
            assertThat(thrown.getCause().getStackTrace()).isNotEmpty();
        }
    }

    private record Captured(int n) implements Serializable {}

    @Test
    void aClassInAPackageOfOffloopIsNotReadInAWorkerUnlessItsFilterNamesIt() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .functionFilter(THIS_CLASS_ONLY)
                .build()) {
            var captured = new Captured(1);
            assertThatThrownBy(() -> get(pool.submit(() -> captured.n())))
                    .hasCauseInstanceOf(NotTransferableException.class)
                    .hasMessageContaining("REJECTED");
        }
    }

    private static int one() {
        return 1;
    }

    private static void nothing() {}

    @Test
    void everyKindOfFunctionPassesAFilterThatNamesItsClassOnly() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .functionFilter(THIS_CLASS_ONLY)
                .initializer(() -> nothing())
                .build()) {
            assertThat(get(pool.submit(() -> one()))).isEqualTo(1);
            get(pool.submit(() -> nothing()));
            Callable<Integer> callable = (Callable<Integer> & Serializable) () -> one();
            assertThat(get(pool.submit(callable))).isEqualTo(1);
            Runnable runnable = (Runnable & Serializable) () -> nothing();
            assertThat(get(pool.submit(runnable, 2))).isEqualTo(2);
            RemoteCallable<Integer> function = () -> one();
            assertThat(pool.invokeAll(List.of(function)).getFirst().get()).isEqualTo(1);
            assertThat(pool.map(n -> n + 1, List.of(1, 2))).containsExactly(2, 3);
            assertThat(Async.run(() -> onTheLoop(pool))).isEqualTo(6);
        }
    }

    private static int add(int a, int b, int c) {
        return a + b + c;
    }

    private static int onTheLoop(ProcessPoolExecutor pool) throws Exception {
        EventLoop loop = EventLoop.current();
        Async.await(loop.runInExecutor(pool, () -> nothing()));
        int one = Async.await(loop.runInExecutor(pool, () -> one()));
        int two = Async.await(loop.runInExecutor(pool, (Integer a) -> a + 1, one));
        int three = Async.await(loop.runInExecutor(pool, Integer::sum, one, two));
        return Async.await(loop.runInExecutor(pool, ResultFilterTest::add, one, two, three));
    }
}
