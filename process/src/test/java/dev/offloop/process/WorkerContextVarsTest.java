package dev.offloop.process;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.run;
import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.ContextVar;
import dev.offloop.EventLoop;
import dev.offloop.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Context variables that go along to workers. */
class WorkerContextVarsTest {

    private static final ProcessPoolExecutor POOL = ProcessPoolExecutor.create(1);
    private static final ContextVar<Object> USER = ContextVar.remote("dev.offloop.process.test.user", "nobody");
    private static final ContextVar<String> LOCAL = new ContextVar<>("local", "nothing");

    @AfterAll
    static void closeThePool() {
        POOL.close();
    }

    private static String seen() {
        return USER.get() + " " + LOCAL.get();
    }

    @Test
    void aRemoteVariableGoesAlongAndALocalOneDoesNot() throws Exception {
        CompletableFuture<String> call = USER.where("ada", () -> LOCAL.where("here", () -> POOL.submit(() -> seen())));
        assertThat(get(call)).isEqualTo("ada nothing");
        assertThat(get(POOL.submit(() -> seen()))).isEqualTo("nobody nothing");
    }

    @Test
    void whatAFunctionSetsStaysWithIt() throws Exception {
        get(POOL.submit(() -> {
            USER.set("changed");
            return 1;
        }));
        assertThat(get(POOL.submit(() -> seen()))).isEqualTo("nobody nothing");
        CompletableFuture<Integer> call = USER.where(
                "ada",
                () -> POOL.submit(() -> {
                    USER.set("changed");
                    return 1;
                }));
        get(call);
        assertThat(get(POOL.submit(() -> seen()))).isEqualTo("nobody nothing");
    }

    @Test
    void everyTasksCallsSeeItsOwn() throws Exception {
        run(() -> {
            List<Task<String>> tasks = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int n = i;
                tasks.add(createTask(() -> {
                    USER.set(n);
                    return await(EventLoop.current().runInExecutor(POOL, () -> seen()));
                }));
            }
            List<String> all = await(gather(tasks));
            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i)).isEqualTo(i + " nothing");
            }
        });
    }

    @Test
    void aLargeValueGoesAlongToo() throws Exception {
        String large = "x".repeat(200_000);
        assertThat(get(USER.where(large, () -> POOL.submit(() -> seen())))).isEqualTo(large + " nothing");
    }

    @Test
    void aValueThatCannotGoAlongFailsTheCallAndIsNamed() throws Exception {
        CompletableFuture<String> call = USER.where(new Object(), () -> POOL.submit(() -> seen()));
        assertThatThrownBy(() -> get(call))
                .hasCauseInstanceOf(NotTransferableException.class)
                .hasMessageContaining("context variable 'dev.offloop.process.test.user'")
                .hasMessageContaining("java.lang.Object");
    }
}
