package dev.offloop.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.RemoteCallable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What many tests do with calls. */
final class Calls {

    private static final long HANG_GUARD_SECONDS = 60;

    private Calls() {}

    /** The result of a call. */
    static <T> T get(CompletableFuture<T> call) throws Exception {
        return call.get(HANG_GUARD_SECONDS, TimeUnit.SECONDS);
    }

    /** Of the process that runs this. */
    static long pid() {
        return ProcessHandle.current().pid();
    }

    /** Submits an action and waits until it has said something, by {@code Offload.progress}. */
    static CompletableFuture<Void> submitAndHear(ProcessPoolExecutor pool, RemoteCallable.Action action)
            throws InterruptedException {
        var heard = new CountDownLatch(1);
        CompletableFuture<Void> call = pool.submit(CallOptions.DEFAULT.onProgress(_ -> heard.countDown()), action);
        assertThat(heard.await(HANG_GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        return call;
    }
}
