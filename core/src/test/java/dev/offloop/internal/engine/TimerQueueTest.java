package dev.offloop.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.Engine;
import dev.offloop.internal.offload.OffloadedWork;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerQueueTest {

    private final Loop loop = new Loop(Settings.of(Engine.PORTABLE), null, OffloadedWork::new);
    private final TimerQueue queue = new TimerQueue();

    @Test
    void anEmptyQueueIsNeverDue() {
        assertThat(queue.nextTime()).isEqualTo(Long.MAX_VALUE);
        assertThat(queue.pollDue(Long.MAX_VALUE)).isNull();
    }

    @Test
    void nothingIsDueBeforeItsTime() {
        Timer timer = queue.add(loop, 10, () -> {});
        assertThat(queue.pollDue(9)).isNull();
        assertThat(queue.pollDue(10)).isSameAs(timer);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void anyMixOfAddingAndRemovingKeepsTheOrder() {
        for (int seed = 0; seed < 200; seed++) {
            var random = new Random(seed);
            List<Timer> expected = new ArrayList<>();
            for (int step = 0; step < 300; step++) {
                if (expected.isEmpty() || random.nextInt(3) > 0) {
                    expected.add(queue.add(loop, random.nextInt(20), () -> {}));
                } else {
                    queue.remove(expected.remove(random.nextInt(expected.size())));
                }
            }
            expected.sort(Comparator.comparingLong(timer -> timer.when)); // stable: then by creation
            List<Timer> polled = new ArrayList<>();
            for (Timer timer = queue.pollDue(100); timer != null; timer = queue.pollDue(100)) {
                polled.add(timer);
            }
            assertThat(polled).as("seed %d", seed).containsExactlyElementsOf(expected);
        }
    }

    @Test
    void removingTwiceDoesNothing() {
        Timer timer = queue.add(loop, 1, () -> {});
        queue.add(loop, 2, () -> {});
        queue.remove(timer);
        queue.remove(timer);
        assertThat(queue.size()).isEqualTo(1);
    }
}
