package dev.offloop.hostile;

import dev.offloop.RemoteCallable;
import dev.offloop.process.CallOptions;
import dev.offloop.process.ProcessCallException;
import dev.offloop.process.ProcessPoolExecutor;
import dev.offloop.process.WorkerOutput;
import java.io.ObjectInputFilter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Attacks a pool from inside of its workers, in a JVM with a small heap: beside each attack an innocent call with a
 * deadline runs, which has to end in time, and after it the pool has to go on. Prints {@code survived} at the end.
 */
public final class HostileProgram {

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);
    private static final CallOptions INNOCENT = CallOptions.DEFAULT.timeout(Duration.ofSeconds(10));

    private HostileProgram() {}

    /** The attacks that are not a few frames. */
    enum Scenario {
        FRAMES_WHILE_RUNNING {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                for (Attack attack : Attack.values()) {
                    beside(
                            pool,
                            CallOptions.DEFAULT.timeout(Duration.ofSeconds(5)),
                            attack.name(),
                            attack.whileRunning());
                }
            }
        },
        FRAMES_WHILE_IDLE {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                for (Attack attack : Attack.values()) {
                    // A worker in which something was left behind may fail the next call, so each attack has its own.
                    try (ProcessPoolExecutor own = poolOf(builder())) {
                        beside(own, CallOptions.DEFAULT, attack.name(), attack.whileIdle());
                    }
                }
            }
        },
        HASH_BOMB {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                beside(pool, CallOptions.DEFAULT.timeout(Duration.ofSeconds(1)), "hash bomb", HostileCode::hashBomb);
            }
        },
        FILTERED_HASH_BOMB {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                beside(pool, CallOptions.DEFAULT.timeout(Duration.ofSeconds(1)), "hash bomb", HostileCode::hashBomb);
            }

            @Override
            ProcessPoolExecutor.Builder builder() {
                return super.builder()
                        .resultFilter(ObjectInputFilter.Config.createFilter("maxdepth=20;java.base/*;!*"));
            }
        },
        HASH_BOMB_WITHOUT_A_DEADLINE {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                beside(pool, CallOptions.DEFAULT, "hash bomb", HostileCode::hashBomb);
            }
        },
        SLOW_TO_READ {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                beside(pool, CallOptions.DEFAULT, "slow to read", () -> new SleepsWhenRead(4_000));
            }
        },
        FLOOD_OF_PROGRESS {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                CallOptions slow =
                        CallOptions.DEFAULT.timeout(Duration.ofSeconds(4)).onProgress(_ -> sleep(20));
                beside(pool, slow, "flood", () -> {
                    Attack.flood();
                    return 1;
                });
            }
        },
        TRUNCATED_STATUS {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                beside(pool, CallOptions.DEFAULT, "truncated status", () -> {
                    HostileCode.truncateStatus();
                    sleep(1000);
                    return 1;
                });
            }
        },
        DELETED_FOLDER {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                beside(pool, CallOptions.DEFAULT, "deleted folder", () -> {
                    HostileCode.deleteFolder();
                    Runtime.getRuntime().halt(9);
                    return 1;
                });
            }
        },
        PIPE_AS_CRASH_REPORT {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                beside(pool, CallOptions.DEFAULT, "pipe as crash report", () -> {
                    HostileCode.plantPipeAsCrashReport();
                    Runtime.getRuntime().halt(134);
                    return 1;
                });
            }
        },
        STOPPED_PROCESS {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                beside(pool, CallOptions.DEFAULT.timeout(Duration.ofSeconds(1)), "stopped process", () -> {
                    HostileCode.stopThisProcess();
                    sleep(60_000);
                    return 1;
                });
            }
        },
        CONNECTIONS {
            @Override
            void attack(ProcessPoolExecutor pool) throws Exception {
                beside(pool, CallOptions.DEFAULT.timeout(Duration.ofSeconds(5)), "connections", () -> {
                    var address = java.net.UnixDomainSocketAddress.of(
                            HostileCode.folder().resolve("socket"));
                    for (int i = 0; i < 2000; i++) {
                        java.nio.channels.SocketChannel.open(address);
                    }
                    sleep(500);
                    return 1;
                });
            }
        };

        abstract void attack(ProcessPoolExecutor pool) throws Exception;

        ProcessPoolExecutor.Builder builder() {
            return ProcessPoolExecutor.builder();
        }
    }

    /** Runs the scenario of this name. */
    public static void main(String[] args) throws Exception {
        Scenario scenario = Scenario.valueOf(args[0]);
        ProcessPoolExecutor pool = poolOf(scenario.builder());
        scenario.attack(pool);
        long begin = System.nanoTime();
        pool.close();
        long millis = (System.nanoTime() - begin) / 1_000_000;
        check(millis < CLOSE_TIMEOUT.toMillis() + 5_000, "close took " + millis + " ms");
        check(pool.isTerminated(), "the pool has not terminated");
        System.out.println("survived");
        System.exit(0);
    }

    private static ProcessPoolExecutor poolOf(ProcessPoolExecutor.Builder builder) throws Exception {
        ProcessPoolExecutor pool = builder.maxWorkers(2)
                .closeTimeout(CLOSE_TIMEOUT)
                .cancelGrace(Duration.ofMillis(300))
                .output(WorkerOutput.discarded())
                .build();
        pool.warmUp().get(60, TimeUnit.SECONDS);
        return pool;
    }

    private static void beside(ProcessPoolExecutor pool, CallOptions options, String name, RemoteCallable<?> hostile)
            throws Exception {
        CompletableFuture<Integer> innocent = pool.submit(INNOCENT, () -> {
            sleep(500);
            return 42;
        });
        CompletableFuture<?> attack = pool.submit(options, hostile);
        check(innocent.get(30, TimeUnit.SECONDS) == 42, name + ": the innocent call's result");
        try {
            Object _ = attack.get(1, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException itsOwnProblem) {
            // any end will do, or none
        }
        for (int i = 0; i < 3; i++) {
            int n = i;
            check(answer(pool, () -> n + 1) == n + 1, name + ": the pool goes on");
        }
        System.out.println(name + " ok");
    }

    /** A worker that a function has left something behind in may fail the next call: that is tried again. */
    private static int answer(ProcessPoolExecutor pool, RemoteCallable<Integer> function) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return pool.submit(INNOCENT, function).get(30, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (attempt == 5 || !(e.getCause() instanceof ProcessCallException)) {
                    throw e;
                }
            }
        }
    }

    private static void check(boolean ok, String what) {
        if (!ok) {
            System.err.println("FAILED: " + what);
            Runtime.getRuntime().halt(1);
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
