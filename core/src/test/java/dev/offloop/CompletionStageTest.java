package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.run;
import static dev.offloop.Async.toThread;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CompletionStageTest {

    @Test
    void plainFunctionsRunOnTheLoop() throws Exception {
        run(() -> {
            EventLoop loop = EventLoop.current();
            CompletionStage<Boolean> onLoop = toThread(() -> 1).thenApply(_ -> EventLoop.current() == loop);
            assertThat(await(onLoop)).isTrue();
        });
    }

    @Test
    void aFailureGoesThroughTheChain() throws Exception {
        run(() -> {
            CompletionStage<String> handled = toThread(() -> {
                        throw new IllegalStateException("no");
                    })
                    .handle((_, thrown) -> thrown.getMessage());
            assertThat(await(handled)).contains("no");
        });
    }

    @Test
    void futuresCanBeCombinedWithForeignStages() throws Exception {
        run(() -> {
            var foreign = CompletableFuture.supplyAsync(() -> 2);
            assertThat(await(toThread(() -> 40).thenCombine(foreign, Integer::sum)))
                    .isEqualTo(42);
            assertThat(await(foreign.thenCombine(toThread(() -> 1), Integer::sum)))
                    .isEqualTo(3);
        });
    }

    @Test
    void aMirrorMadeOnAnotherThreadIsCompleted() throws Exception {
        run(() -> {
            Future<Integer> future = toThread(() -> 5);
            int seen = await(toThread(() -> future.toCompletableFuture().get(10, TimeUnit.SECONDS)));
            assertThat(seen).isEqualTo(5);
        });
    }
}
