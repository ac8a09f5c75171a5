package dev.offloop.hosts;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A loop on the event loop of a Vert.x 5 context. */
class VertxTest {

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final EventLoop loop = EventLoop.on(task -> context.runOnContext(_ -> task.run()));

    @AfterEach
    void shutDown() throws Exception {
        loop.shutdown().get(10, TimeUnit.SECONDS);
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void callbacksRunOnTheContext() throws Exception {
        assertThat(loop.runCoroutineThreadsafe(() -> {
                            sleep(Duration.ofMillis(5));
                            return await(loop.callOnOwnThread(() -> Vertx.currentContext() == context));
                        })
                        .get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void aVertxTimerStartsATaskThatAwaitsAVertxFuture() throws Exception {
        loop.runCoroutineThreadsafe(() -> {}).get(20, TimeUnit.SECONDS);
        var result = new CompletableFuture<String>();
        context.runOnContext(_ -> vertx.setTimer(
                1,
                _ -> createTask(() -> {
                    String fromVertx =
                            await(vertx.executeBlocking(() -> "blocking").toCompletionStage());
                    String fromUs = await(toThread(() -> fromVertx + " twice"));
                    result.complete(fromUs);
                })));
        assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo("blocking twice");
    }
}
