package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.toThread;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.testkit.LoopTest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

class CompletionStageTest {

    @LoopTest
    void plainFunctionsRunOnTheLoop() throws Exception {
        EventLoop loop = EventLoop.current();
        CompletionStage<Boolean> onLoop = toThread(() -> 1).thenApply(_ -> EventLoop.current() == loop);
        assertThat(await(onLoop)).isTrue();
    }

    @LoopTest
    void aFailureGoesThroughTheChain() throws Exception {
        CompletionStage<String> handled = toThread(() -> {
                    throw new IllegalStateException("no");
                })
                .handle((_, thrown) -> thrown.getMessage());
        assertThat(await(handled)).contains("no");
    }

    @LoopTest
    void futuresCanBeCombinedWithForeignStages() throws Exception {
        var foreign = CompletableFuture.supplyAsync(() -> 2);
        assertThat(await(toThread(() -> 40).thenCombine(foreign, Integer::sum))).isEqualTo(42);
        assertThat(await(foreign.thenCombine(toThread(() -> 1), Integer::sum))).isEqualTo(3);
    }

    @LoopTest
    void aMirrorMadeOnAnotherThreadIsCompleted() throws Exception {
        Future<Integer> future = toThread(() -> 5);
        int seen = await(toThread(() -> future.toCompletableFuture().get(10, TimeUnit.SECONDS)));
        assertThat(seen).isEqualTo(5);
    }
}
