package dev.offloop.process;

import static dev.offloop.Async.run;
import static dev.offloop.Async.yieldNow;
import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Offload;
import dev.offloop.OnCancel;
import dev.offloop.sync.Event;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What functions say while they run. */
class ProgressTest {

    private static final ProcessPoolExecutor POOL = Calls.patientPool(1);

    @AfterAll
    static void closeThePool() {
        POOL.close();
    }

    @Test
    void aListenerHearsAllOfItInOrderAndBeforeTheResult() throws Exception {
        List<Object> heard = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<String> call = POOL.submit(CallOptions.DEFAULT.onProgress(heard::add), () -> {
            for (int i = 0; i < 500; i++) {
                Offload.progress(i);
            }
            return "done";
        });
        assertThat(get(call)).isEqualTo("done");
        assertThat(heard).hasSize(500).startsWith(0, 1, 2).endsWith(499);
    }

    @Test
    void onALoopTheListenerIsCalledThere() throws Exception {
        List<Object> heard = new ArrayList<>();
        run(() -> {
            EventLoop loop = EventLoop.current();
            Future<Integer> call = loop.runInExecutor(
                    POOL,
                    OnCancel.INTERRUPT.onProgress(value -> {
                        assertThat(EventLoop.current()).isSameAs(loop);
                        heard.add(value);
                    }),
                    () -> {
                        Offload.progress("half");
                        Offload.progress("nearly");
                        return 1;
                    });
            assertThat(Async.await(call)).isEqualTo(1);
            yieldNow();
        });
        assertThat(heard).containsExactly("half", "nearly");
    }

    @Test
    void aListenerThatThrowsHarmsNobody() throws Exception {
        CompletableFuture<Integer> call = POOL.submit(
                CallOptions.DEFAULT.onProgress(value -> {
                    throw new AssertionError("expected in the log of this test");
                }),
                () -> {
                    Offload.progress(1);
                    return 2;
                });
        assertThat(get(call)).isEqualTo(2);
    }

    @Test
    void whatCannotBeSentIsTheFunctionsError() {
        CompletableFuture<Integer> call = POOL.submit(CallOptions.DEFAULT.onProgress(_ -> {}), () -> {
            Offload.progress(new Object());
            return 2;
        });
        assertThatThrownBy(() -> get(call)).hasCauseInstanceOf(NotTransferableException.class);
    }

    @Test
    void checkCancelledWorksInAWorkerAsOnAThread() throws Exception {
        run(() -> {
            var begun = new Event();
            Future<Void> call = EventLoop.current()
                    .runInExecutor(POOL, OnCancel.INTERRUPT.onProgress(_ -> begun.set()), () -> {
                        Offload.progress("running");
                        while (true) {
                            Offload.checkCancelled();
                            Thread.onSpinWait();
                        }
                    });
            begun.await();
            call.cancel();
            assertThatThrownBy(() -> Async.await(call)).isInstanceOf(CancelledError.class);
            long killed = POOL.statistics().ended().getOrDefault(WorkerEnd.CANCELLED, 0L);
            assertThat(Async.await(EventLoop.current().runInExecutor(POOL, () -> 1)))
                    .isEqualTo(1);
            assertThat(POOL.statistics().ended().getOrDefault(WorkerEnd.CANCELLED, 0L))
                    .isEqualTo(killed);
        });
    }

    @Test
    void callingBackToTheLoopFromAWorkerSaysWhyItCannot() {
        CompletableFuture<Integer> call = POOL.submit(() -> Offload.call(() -> 1));
        assertThatThrownBy(() -> get(call))
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("worker process");
    }
}
