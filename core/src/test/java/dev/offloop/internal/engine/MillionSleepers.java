package dev.offloop.internal.engine;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.sleep;

import dev.offloop.EventLoop;
import dev.offloop.Runner;
import dev.offloop.Task;
import dev.offloop.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A program for {@link MillionSleepersTest}: a million tasks asleep at the same moment, and gathered. */
final class MillionSleepers {

    private static final int COUNT = 1_000_000;

    private MillionSleepers() {}

    public static void main(String[] args) throws Exception {
        try (var runner = Runner.builder().clock(new VirtualClock()).build()) {
            runner.run(() -> {
                EventLoop loop = EventLoop.current();
                List<Task<Integer>> tasks = new ArrayList<>(COUNT);
                for (int i = 0; i < COUNT; i++) {
                    int n = i;
                    tasks.add(createTask(() -> {
                        sleep(Duration.ofHours(1));
                        return n;
                    }));
                }
                loop.callLater(
                        Duration.ofMinutes(1), () -> System.out.println("asleep: " + ((Loop) loop).timerCount()));
                List<Integer> results = await(gather(tasks));
                long sum = results.stream().mapToLong(Integer::longValue).sum();
                System.out.println("gathered: " + results.size() + " sum: " + sum);
            });
        }
    }
}
