package dev.offloop.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InboxTest {

    private final Inbox inbox = new Inbox(null);
    private final List<Runnable> taken = new ArrayList<>();

    @Test
    void givesMessagesInTheOrderInWhichTheyCame() {
        List<Runnable> messages = List.of(() -> {}, () -> {}, () -> {});
        messages.forEach(inbox::put);
        inbox.drainTo(taken);
        assertThat(taken).containsExactlyElementsOf(messages);
    }

    @Test
    void doesNotSleepWhenAMessageIsThere() {
        inbox.put(() -> {});
        inbox.sleep(Long.MAX_VALUE);
        inbox.drainTo(taken);
        assertThat(taken).hasSize(1);
        assertThat(inbox.wakeUps()).isZero();
    }

    @Test
    void refusesEverythingOnceClosed() {
        inbox.put(() -> {});
        inbox.close(taken);
        assertThat(taken).hasSize(1);
        assertThat(inbox.put(() -> {})).isFalse();
        assertThat(inbox.closed()).isTrue();
    }

    @Test
    void noMessageIsLostAndNoSleepIsMissedUnderManyProducers() throws Exception {
        int producers = 4;
        int each = 200_000;
        var received = new AtomicInteger();
        var start = new CountDownLatch(1);
        Thread consumer = Thread.ofPlatform().start(() -> {
            List<Runnable> batch = new ArrayList<>();
            while (received.get() < producers * each) {
                inbox.drainTo(batch);
                if (batch.isEmpty()) {
                    inbox.sleep(Long.MAX_VALUE);
                }
                batch.forEach(Runnable::run);
                batch.clear();
            }
        });
        for (int p = 0; p < producers; p++) {
            Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                for (int i = 0; i < each; i++) {
                    inbox.put(received::incrementAndGet);
                    if (i % 100 == 0) {
                        Thread.yield(); // lets the consumer run dry and fall asleep, again and again
                    }
                }
            });
        }
        start.countDown();
        consumer.join(30_000);
        assertThat(consumer.isAlive()).isFalse();
        assertThat(received).hasValue(producers * each);
    }

    @Test
    void everyMessageIsTakenOrRefusedWhenClosingMeetsPutting() throws Exception {
        for (int round = 0; round < 2000; round++) {
            var box = new Inbox(null);
            var accepted = new AtomicInteger();
            List<Runnable> all = new ArrayList<>();
            Thread producer = Thread.ofPlatform().start(() -> {
                while (box.put(() -> {})) {
                    accepted.incrementAndGet();
                }
            });
            box.drainTo(all);
            box.close(all);
            producer.join();
            assertThat(all).hasSize(accepted.get());
        }
    }

    @Test
    void producersAsFastAsTheLoopCannotKeepItOpen() {
        var fast = new ProducerDuringClose();
        inbox.put(() -> {});
        inbox.close(fast);
        assertThat(fast.taken).as("messages taken by close()").isEqualTo(1);
        assertThat(inbox.closed()).isTrue();
    }

    /**
     * Puts a message as often as one is taken, as threads do that never pause; not without end, so that a failing test
     * ends.
     */
    private final class ProducerDuringClose extends AbstractCollection<Runnable> {
        private int taken;

        @Override
        public boolean add(Runnable message) {
            taken++;
            if (taken < 100_000) {
                inbox.put(() -> {});
            }
            return true;
        }

        @Override
        public Iterator<Runnable> iterator() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int size() {
            return taken;
        }
    }
}
