package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Streams, sessions and shared memory, with faults, until a time is over. Each way is for one thread. */
final class SoakedWays {

    private final ProcessPoolExecutor pool;
    private final long end;
    private final long seed;

    /** How often what has happened. */
    final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();

    SoakedWays(ProcessPoolExecutor pool, long end, long seed) {
        this.pool = pool;
        this.end = end;
        this.seed = seed;
    }

    private boolean goesOn() {
        return System.nanoTime() < end;
    }

    private void count(String what) {
        counts.computeIfAbsent(what, _ -> new AtomicLong()).incrementAndGet();
    }

    private static <T> T crash() {
        Runtime.getRuntime().halt(19);
        throw new AssertionError();
    }

    // ---- streams

    void streams() {
        var random = new Random(seed);
        while (goesOn()) {
            int values = random.nextInt(5_000);
            switch (random.nextInt(4)) {
                case 0 -> wholeStream(values);
                case 1 -> streamLeftEarly(values);
                case 2 -> streamThatFails(values, ArithmeticException.class);
                default -> streamThatFails(values, WorkerCrashedException.class);
            }
        }
    }

    private static RemoteGenerator<Integer> numbers(int count, Class<?> failure) {
        return out -> {
            for (int i = 0; i < count; i++) {
                out.emit(i);
            }
            if (failure == ArithmeticException.class) {
                throw new ArithmeticException();
            } else if (failure != null) {
                crash();
            }
        };
    }

    private void wholeStream(int values) {
        try (RemoteStream<Integer> stream = pool.stream(numbers(values, null))) {
            int next = 0;
            for (int value : stream) {
                assertThat(value).isEqualTo(next++);
            }
            assertThat(next).isEqualTo(values);
        }
        count("stream read to its end");
    }

    private void streamLeftEarly(int values) {
        try (RemoteStream<Integer> stream = pool.stream(numbers(1_000_000_000, null))) {
            int next = 0;
            for (int value : stream) {
                assertThat(value).isEqualTo(next++);
                if (next > values) {
                    break;
                }
            }
        }
        count("stream left early");
    }

    private void streamThatFails(int values, Class<? extends Exception> failure) {
        var next = new AtomicInteger();
        try (RemoteStream<Integer> stream = pool.stream(numbers(values, failure))) {
            assertThatThrownBy(() -> {
                        for (int value : stream) {
                            assertThat(value).isEqualTo(next.getAndIncrement());
                        }
                    })
                    .isInstanceOf(failure);
        }
        if (failure == ArithmeticException.class) {
            assertThat(next).hasValue(values);
        } else {
            assertThat(next.get()).isLessThanOrEqualTo(values);
        }
        count("stream with " + failure.getSimpleName());
    }

    // ---- sessions

    void sessions() throws Exception {
        var random = new Random(seed);
        while (goesOn()) {
            try (WorkerSession<AtomicLong> session = pool.openSession(() -> new AtomicLong())) {
                List<CompletableFuture<Long>> calls = new ArrayList<>();
                for (int i = random.nextInt(200); i >= 0; i--) {
                    calls.add(session.submit(AtomicLong::incrementAndGet));
                }
                for (int i = 0; i < calls.size(); i++) {
                    assertThat(get(calls.get(i))).isEqualTo(i + 1);
                }
                if (random.nextBoolean()) {
                    count("session closed");
                } else {
                    endsByCrash(session);
                    count("session crashed");
                }
            }
        }
    }

    private static void endsByCrash(WorkerSession<AtomicLong> session) {
        CompletableFuture<Long> crash = session.submit(_ -> crash());
        CompletableFuture<Long> waits = session.submit(AtomicLong::get);
        assertThatThrownBy(() -> get(crash))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(WorkerCrashedException.class);
        assertThatThrownBy(() -> get(waits))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SessionEndedException.class);
        assertThatThrownBy(() -> get(session.submit(AtomicLong::get)))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SessionEndedException.class);
    }

    // ---- shared memory

    void sharedMemory() throws Exception {
        var random = new Random(seed);
        while (goesOn()) {
            byte[] content = new byte[1 + random.nextInt(1 << 20)];
            random.nextBytes(content);
            long sum = sum(MemorySegment.ofArray(content));
            try (SharedMemory memory = SharedMemory.copyOf(content)) {
                SharedMemory writable = memory.writable();
                switch (random.nextInt(3)) {
                    case 0 ->
                        assertThat(get(pool.submit(() -> sum(memory.segment()))))
                                .isEqualTo(sum);
                    case 1 -> {
                        get(pool.submit(() -> {
                            writable.segment().fill((byte) 1);
                        }));
                        assertThat(sum(memory.segment())).isEqualTo(content.length);
                    }
                    default -> {
                        assertThatThrownBy(() -> get(pool.submit(() -> sum(memory.segment()) == sum ? crash() : 0)))
                                .hasCauseInstanceOf(WorkerCrashedException.class);
                        assertThat(sum(memory.segment())).isEqualTo(sum);
                    }
                }
            }
            count("shared memory");
        }
    }

    private static long sum(MemorySegment segment) {
        long sum = 0;
        for (long i = 0; i < segment.byteSize(); i++) {
            sum += segment.get(ValueLayout.JAVA_BYTE, i);
        }
        return sum;
    }
}
