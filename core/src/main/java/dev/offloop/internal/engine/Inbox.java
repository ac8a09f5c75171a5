package dev.offloop.internal.engine;

import dev.offloop.internal.util.VarHandles;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collection;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What other threads hand to the loop, and how they wake it: many producers, one consumer, no lock.
 *
 * <p>The messages are a linked stack that producers push onto with a compare-and-set and the loop takes in one go. The
 * head also says what the loop is doing. Going to sleep replaces an empty head by {@link #ASLEEP}; the one producer
 * that replaces {@code ASLEEP} by its message wakes the loop, and those that come after it see a message and know that
 * this has been done. So a sleep costs one wake-up however many messages arrive, a loop that is awake costs none, and a
 * message can never fall between the last look and the sleep: the loop's own compare-and-set fails then.
 * {@link #CLOSED} is final: from then on every message is refused, and the producer knows.
 */
final class Inbox {

    private static final VarHandle HEAD = VarHandles.find(MethodHandles.lookup(), "head", Node.class);

    private static final Node ASLEEP = new Node(() -> {});
    private static final Node CLOSED = new Node(() -> {});

    /** Null while the loop is awake and nothing waits. */
    private volatile @Nullable Node head;

    /** Written by the loop before it falls asleep, read by the producer that has seen it asleep. */
    private @Nullable Thread sleeper;

    private final @Nullable Host host;
    private long wakeUps;

    /** For a loop with a thread of its own; one with a host dozes, and wakes by being given a turn. */
    Inbox(@Nullable Host host) {
        this.host = host;
    }

    /** From any thread: leaves a message and wakes the loop if it sleeps. False if the inbox is closed. */
    boolean put(Runnable message) {
        Node node = new Node(message);
        while (true) {
            Node before = head;
            if (before == CLOSED) {
                return false;
            }
            boolean asleep = before == ASLEEP;
            // A host may pump its own events inside a turn, as a dialog does that waits: it is asked for more turns
            // then.
            boolean wake = asleep || (host != null && before == null);
            node.next = asleep ? null : before;
            if (HEAD.compareAndSet(this, before, node)) {
                if (wake) {
                    wake();
                }
                return true;
            }
        }
    }

    private void wake() {
        if (host != null) {
            host.wake();
        } else {
            LockSupport.unpark(sleeper);
        }
    }

    /** On the loop's thread: moves all messages, oldest first, to {@code target}. */
    void drainTo(Collection<? super Runnable> target) {
        if (head == null || head == CLOSED || HEAD.compareAndSet(this, ASLEEP, null)) {
            return;
        }
        move((Node) HEAD.getAndSet(this, null), target);
    }

    private static void move(@Nullable Node newest, Collection<? super Runnable> target) {
        for (Node node = reversed(newest); node != null; node = node.next) {
            target.add(node.message);
        }
    }

    private static @Nullable Node reversed(@Nullable Node newest) {
        Node done = null;
        Node node = newest;
        while (node != null) {
            Node older = node.next;
            node.next = done;
            done = node;
            node = older;
        }
        return done;
    }

    /**
     * On the loop's thread: sleeps until a message comes or the time expires. May return early.
     *
     * @param nanos the longest time, in nanoseconds; {@link Long#MAX_VALUE} for no limit
     */
    void sleep(long nanos) {
        sleeper = Thread.currentThread();
        if (!HEAD.compareAndSet(this, null, ASLEEP)) {
            return;
        }
        if (nanos == Long.MAX_VALUE) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, nanos);
        }
        if (!HEAD.compareAndSet(this, ASLEEP, null)) {
            wakeUps++;
        }
    }

    /** On the host's thread: from now on the next message wakes the host. False if there is one already. */
    boolean tryIdle() {
        return HEAD.compareAndSet(this, null, ASLEEP);
    }

    boolean isEmpty() {
        return head == null;
    }

    /**
     * On the loop's thread: refuses messages from now on, and moves those already here to {@code target}. Both in one
     * step, which cannot fail: producers that never pause cannot keep the inbox open.
     */
    void close(Collection<? super Runnable> target) {
        Node newest = (Node) HEAD.getAndSet(this, CLOSED);
        if (newest != ASLEEP && newest != CLOSED) {
            move(newest, target);
        }
    }

    boolean closed() {
        return head == CLOSED;
    }

    /** How often a message has ended a sleep. */
    long wakeUps() {
        return wakeUps;
    }

    private static final class Node {
        final Runnable message;

        @Nullable
        Node next;

        Node(Runnable message) {
            this.message = message;
        }
    }
}
