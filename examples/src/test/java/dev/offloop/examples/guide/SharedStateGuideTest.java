package dev.offloop.examples.guide;

import static dev.offloop.Async.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.*;
import dev.offloop.sync.*;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The snippets of {@code docs/guide/shared-state.md}, run. */
@SuppressWarnings("unused")
class SharedStateGuideTest {

    private static final List<Object> PRINTED = Collections.synchronizedList(new ArrayList<>());

    private static void println(Object line) {
        PRINTED.add(line);
    }

    SharedStateGuideTest() {
        PRINTED.clear();
    }

    private int balance = 100;

    private int read() throws Exception {
        return await(toThread(() -> balance));
    }

    private void write(int amount) throws Exception {
        await(toThread(() -> {
            balance = amount;
        }));
    }

    @Test
    void noLockIsNeededBetweenAwaits() throws Exception {
        // snippet: state-no-lock
        int[] counter = {0};
        run(() -> {
            List<Task<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                tasks.add(createTask(() -> {
                    counter[0]++; // nothing comes between: there is no await
                }));
            }
            await(gather(tasks));
        });
        println(counter[0]);
        // end
        assertThat(PRINTED).containsExactly(100);
    }

    @Test
    void aLock() throws Exception {
        // snippet: state-lock
        var lock = new Lock();
        run(() -> {
            Coroutine.Action withdraw = () -> lock.with(() -> {
                int before = read(); // awaits: without the lock another task would read the same
                write(before - 10);
            });
            await(gather(createTask(withdraw), createTask(withdraw)));
            println(read());
        });
        // end
        assertThat(PRINTED).containsExactly(80);
    }

    @Test
    void aQueue() throws Exception {
        // snippet: state-queue
        var queue = new Queue<String>(10); // at most ten wait
        run(() -> {
            Future<Void> producer = toThread(() -> {
                for (int i = 0; i < 3; i++) {
                    queue.putBlocking("line " + i); // a thread blocks when it is full
                }
                queue.shutdown();
            });
            try {
                while (true) {
                    println(queue.get()); // a task awaits, and others run
                }
            } catch (QueueShutdownException end) {
                println("no more");
            }
            await(producer);
        });
        // end
        assertThat(PRINTED).containsExactly("line 0", "line 1", "line 2", "no more");
    }

    @Test
    void aSemaphoreAndATimeout() throws Exception {
        // snippet: state-semaphore
        var connections = new Semaphore(2);
        run(() -> {
            String answer = timeout(Duration.ofSeconds(5), () -> connections.with(() -> "asked over a connection"));
            println(answer);
        });
        boolean got = connections.acquireBlockingFor(Duration.ofMillis(10)); // a thread's way to wait for a time
        println(got);
        // end
        assertThat(PRINTED).containsExactly("asked over a connection", true);
    }

    @Test
    void aCondition() throws Exception {
        // snippet: state-condition
        var lock = new Lock();
        var changed = new Condition(lock);
        var orders = new ArrayDeque<String>();
        run(() -> {
            Task<String> cook = createTask(() -> lock.with(() -> {
                changed.awaitUntil(() -> !orders.isEmpty());
                return orders.remove();
            }));
            yieldNow();
            await(toThread(() -> lock.withBlocking(() -> {
                orders.add("soup");
                changed.signal();
            })));
            println(await(cook));
        });
        // end
        assertThat(PRINTED).containsExactly("soup");
    }
}
