package dev.offloop.examples.guide;

import static dev.offloop.Async.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.*;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The snippets of {@code docs/guide/tasks.md}, run. */
@SuppressWarnings("unused")
class TasksGuideTest {

    private final List<Object> printed = Collections.synchronizedList(new ArrayList<>());

    private void println(Object line) {
        printed.add(line);
    }

    private static String download(String url) {
        return "page of " + url;
    }

    private static int query(String sql) throws SQLException {
        if (sql.isEmpty()) {
            throw new SQLException("nothing to query");
        }
        return sql.length();
    }

    private static void save(Object value) {}

    @Test
    void firstProgram() throws Exception {
        String url = "example.org";
        // snippet: first
        run(() -> {
            // runs whenever the main task waits
            Task<Integer> counting = createTask(() -> {
                int seconds = 0;
                while (seconds < 3) {
                    sleep(Duration.ofMillis(1));
                    seconds++;
                }
                return seconds;
            });
            String page = await(toThread(() -> download(url))); // a blocking call, on another thread
            println(page + " after " + await(counting));
        });
        // end
        assertThat(printed).containsExactly("page of example.org after 3");
    }

    @Test
    void errors() throws Exception {
        run(() -> {
            // snippet: errors
            try {
                int rows = await(toThread(() -> query("")));
                println(rows);
            } catch (SQLException e) { // the very exception that query threw
                println("failed: " + e.getMessage());
            }
            // end
        });
        assertThat(printed).containsExactly("failed: nothing to query");
    }

    @Test
    void many() throws Exception {
        run(() -> {
            // snippet: gather
            List<String> pages = await(gather(
                    toThread(() -> download("a")), toThread(() -> download("b")))); // both at once, results in order

            for (Outcome<Integer> end :
                    await(gatherOutcomes(toThread(() -> query("select")), toThread(() -> query(""))))) {
                println(end.succeeded() ? end.result() : end.exception().getMessage());
            }
            // end
            assertThat(pages).containsExactly("page of a", "page of b");

            Future<String> quick = toThread(() -> "quick");
            var quickHasEnded = new CountDownLatch(1);
            quick.addDoneCallback(_ -> quickHasEnded.countDown());
            Future<String> slow = toThread(() -> {
                quickHasEnded.await();
                return "slow";
            });
            List<Future<String>> downloads = List.of(slow, quick);
            // snippet: as-completed
            for (Future<String> next : asCompleted(downloads)) { // the futures themselves, first come first
                println(next.result());
            }

            Waited<String> first = waitOn(downloads, ReturnWhen.FIRST_COMPLETED, Duration.ofSeconds(5));
            println(first.done().size() + " done, " + first.pending().size() + " pending");
            // end
        });
        assertThat(printed).containsExactly(6, "nothing to query", "quick", "slow", "2 done, 0 pending");
    }

    @Test
    void groups() throws Exception {
        run(() -> {
            // snippet: group
            int sum = taskGroup(group -> {
                Task<Integer> left = group.createTask(() -> await(toThread(() -> query("left"))));
                Task<Integer> right = group.createTask(() -> await(toThread(() -> query("right"))));
                return await(left) + await(right);
            }); // here both have ended, whatever happened
            // end
            assertThat(sum).isEqualTo(9);
            // snippet: group-failure
            try {
                taskGroup(group -> {
                    group.createTask(() -> sleep(Duration.ofHours(1))); // is cancelled
                    group.createTask(() -> {
                        throw new IOException("disk full");
                    });
                });
            } catch (IOException e) {
                println(e.getMessage());
            }
            // end
            // snippet: group-start
            taskGroup(group -> {
                int port = group.<Integer>start(status -> {
                    int bound = 8080; // open the socket, then say so
                    status.started(bound);
                    sleep(Duration.ofHours(1)); // and serve
                });
                println("listening on " + port);
                group.cancel(); // quietly: no error comes out
            });
            // end
        });
        assertThat(printed).containsExactly("disk full", "listening on 8080");
    }

    @Test
    void cancellation() throws Exception {
        run(() -> {
            // snippet: cancel
            Task<Void> poller = createTask("poller", () -> {
                try {
                    while (true) {
                        println("poll");
                        sleep(Duration.ofMinutes(1));
                    }
                } finally {
                    println("clean up"); // runs at the cancellation, and may await
                }
            });
            yieldNow();
            poller.cancel("enough polled");
            try {
                await(poller);
            } catch (CancelledError e) { // an Error: catch (Exception e) lets it through
                println(e.getMessage());
            }
            // end
        });
        assertThat(printed).containsExactly("poll", "clean up", "enough polled");
    }

    @Test
    void shielding() throws Exception {
        run(() -> {
            // snippet: shield
            Task<Void> write = createTask(() -> {
                sleep(Duration.ofMillis(10));
                println("written");
            });
            Task<Void> caller = createTask(() -> await(shield(write)));
            yieldNow();
            caller.cancel(); // the caller ends, the write goes on
            await(write);
            // end
            assertThat(caller.cancelled()).isTrue();
        });
        assertThat(printed).containsExactly("written");
    }

    @Test
    void timeouts() throws Exception {
        try (var runner = Runner.builder().clock(new VirtualClock()).build()) {
            runner.run(() -> {
                // snippet: timeout
                try {
                    String answer = timeout(Duration.ofSeconds(2), () -> {
                        sleep(Duration.ofSeconds(5));
                        return "late";
                    });
                    println(answer);
                } catch (TimeoutException e) {
                    println("too slow");
                }

                timeout(Duration.ofSeconds(2), scope -> {
                    sleep(Duration.ofSeconds(1));
                    scope.reschedule(Duration.ofSeconds(10)); // something came: ten seconds more from now
                    sleep(Duration.ofSeconds(9));
                });

                Future<String> future = toThread(() -> "quick");
                println(waitFor(future, Duration.ofSeconds(1)));
                // end
            });
        }
        assertThat(printed).containsExactly("too slow", "quick");
    }

    @Test
    void policies() throws Exception {
        run(() -> {
            Object value = "value";
            // snippet: on-cancel
            await(toThread(OnCancel.INTERRUPT, () -> Thread.sleep(1))); // the default: the thread is interrupted
            await(toThread(OnCancel.ABANDON, () -> save(value))); // it goes on, its result is dropped
            await(toThread(OnCancel.WAIT, () -> save(value))); // it goes on, and the caller waits for it
            // end

            List<String> files = List.of("a", "b", "c");
            // snippet: talk-back
            var options = OnCancel.WAIT.onProgress(done -> println(done + " of " + files.size()));
            await(toThread(options, () -> {
                for (int i = 1; i <= files.size(); i++) {
                    Offload.checkCancelled(); // ends here if the call was cancelled
                    save(files.get(i - 1));
                    Offload.progress(i); // to the listener, on the loop
                }
                // and back: a coroutine on the loop
                String name = Offload.call(() -> {
                    yieldNow();
                    return Task.current().name();
                });
                save(name);
            }));
            // end
        });
        assertThat(printed).containsExactly("1 of 3", "2 of 3", "3 of 3");
    }

    @Test
    void limits() throws Exception {
        run(() -> {
            EventLoop loop = EventLoop.current();
            // snippet: limiter
            var database = new CapacityLimiter(4); // four at a time, on the default executor
            List<Future<Integer>> queries = new ArrayList<>();
            for (String sql : List.of("select 1", "select 22", "select 333")) {
                queries.add(loop.runInExecutor(database, () -> query(sql)));
            }
            println(await(gather(queries)));
            database.setLimit(2); // while it is in use, too
            println(database.statistics());
            // end
        });
        assertThat(printed).containsExactly(List.of(8, 9, 10), new CapacityLimiter.Statistics(2, 0, 0));
    }

    // snippet: context-var
    static final ContextVar<String> USER = new ContextVar<>("user", "nobody");

    String greet() throws Exception {
        return USER.where("ada", () -> await(toThread(() -> "hello " + USER.get())));
    }
    // end

    @Test
    void contexts() throws Exception {
        assertThat(run(this::greet)).isEqualTo("hello ada");
        assertThat(USER.get()).isEqualTo("nobody");
    }

    @Test
    void fromOutside() throws Exception {
        var answered = new CompletableFuture<String>();
        run(() -> {
            var ready = new CompletableFuture<EventLoop>();
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    EventLoop loop = ready.get();
                    // snippet: threadsafe
                    loop.callSoonThreadsafe(() -> println("on the loop")); // fire and forget
                    CompletableFuture<String> answer = loop.runCoroutineThreadsafe(() -> {
                        sleep(Duration.ofMillis(1));
                        return "from a coroutine";
                    });
                    println(answer.get(5, TimeUnit.SECONDS)); // or cancel(true): that cancels the task
                    // end
                    answered.complete("done");
                } catch (Exception e) {
                    answered.completeExceptionally(e);
                }
            });
            ready.complete(EventLoop.current());
            await(answered);
        });
        assertThat(printed).containsExactly("on the loop", "from a coroutine");
    }

    @Test
    void stages() throws Exception {
        run(() -> {
            // snippet: stages
            CompletableFuture<String> theirs = CompletableFuture.supplyAsync(() -> "from any library");
            println(await(theirs));

            Future<Integer> ours = toThread(() -> 20);
            ours.thenApply(x -> x + 1) // callbacks run on the loop
                    .thenAccept(this::println);
            // end
            await(ours.thenRun(() -> {}));
            yieldNow();
            while (printed.size() < 2) {
                yieldNow();
            }
        });
        assertThat(printed).containsExactly("from any library", 21);
    }

    @Test
    void runners() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        var failures = new AtomicInteger();
        // snippet: runner
        try (var runner = Runner.builder()
                .debug(true) // reports say where a task was created
                .threadName("my-loop")
                .defaultExecutor(pool) // is shut down with the loop
                .exceptionHandler((loop, context) -> failures.incrementAndGet())
                .closeTimeout(Duration.ofSeconds(5))
                .build()) {
            int first = runner.run(() -> await(toThread(() -> 1)));
            int second = runner.run(() -> await(toThread(() -> first + 1))); // the same loop again
            println(second);
        }
        // end
        assertThat(printed).containsExactly(2);
        assertThat(pool.isTerminated()).isTrue();
    }

    @Test
    void virtualTime() throws Exception {
        // snippet: virtual-time
        try (var runner = Runner.builder().clock(new VirtualClock()).build()) {
            runner.run(() -> {
                Duration start = EventLoop.current().time();
                sleep(Duration.ofDays(365)); // ends at once
                println(EventLoop.current().time().minus(start).toDays());
            });
        }
        // end
        assertThat(printed).containsExactly(365L);
    }

    @Test
    void hosts() throws Exception {
        ExecutorService uiThread = Executors.newSingleThreadExecutor();
        // snippet: hosts
        // SwingUtilities::invokeLater, Platform::runLater, a Netty event loop, a Vert.x context
        EventLoop loop = EventLoop.on(uiThread::execute);
        CompletableFuture<String> text = loop.runCoroutineThreadsafe(() -> {
            String loaded = await(toThread(() -> download("example.org"))); // the host's thread is free meanwhile
            await(loop.callOnOwnThread(() -> println(loaded))); // for code that checks its thread
            return loaded;
        });
        text.get(5, TimeUnit.SECONDS);
        loop.shutdown().get(5, TimeUnit.SECONDS);
        // end
        uiThread.shutdown();
        assertThat(printed).containsExactly("page of example.org");
    }
}
