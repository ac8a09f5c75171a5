package dev.offloop.process.internal.io;

import dev.offloop.process.internal.pool.WorkerEvents;
import dev.offloop.process.internal.wire.Protocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that accepts, reads, writes what a submitting thread could not write at once, and watches processes that
 * are about to end.
 *
 * <p>To read the end of a worker's channel does not say yet how the process ended, so the thread looks again, soon and
 * not for long, before it reports the worker gone; a process that is still alive then is killed.
 *
 * <p>An error in reading what a worker has sent costs that worker and nothing else. An error of the thread's own is
 * logged, now and then, and the thread goes on, at first at once and then after longer and longer pauses.
 *
 * <p>While short calls stream through, the thread sleeps for a moment between its rounds, and then finds many answers.
 * Else each of them would wake it, and push the worker that has just written it, whose priority is lower, off its
 * processor.
 */
final class IoThread implements Runnable {

    private static final long NEVER = Long.MAX_VALUE;
    private static final long END_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long START_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long END_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long MIN_BACK_OFF_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MAX_BACK_OFF_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The shortest time that a system can sleep, which is some 70 µs on Linux. */
    private static final long REST_NANOS = 20_000;

    /** Processes that have connected and not shown their token: the oldest has to go for another. */
    private static final int MAX_UNKNOWN = 64;

    private final LaunchOptions options;
    private final WorkerEvents events;
    private final RunningClock clock;
    private final Runnable afterLook;
    private final Runnable atEnd;
    private final Selector selector;
    private final Thread thread;
    private final ErrorLog errors;
    private final Queue<Runnable> requests = new ConcurrentLinkedQueue<>();
    private volatile boolean streaming;
    private volatile boolean closed;

    /** Up to when all that had arrived was reported. */
    private volatile long reportedUntil = Long.MIN_VALUE;

    /** Since when a deadline waits for a look at the channels; {@link #NEVER} if none does. */
    private volatile long lookSince = NEVER;

    // ---- only used by this thread

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(Protocol.BUFFER_SIZE);

    /** The processes that have not connected, by their worker's number. */
    private final Map<Long, WorkerProcess> starting = new LinkedHashMap<>();

    /** Those that have not made their second connection, for cancellations, likewise. */
    private final Map<Long, WorkerProcess> withoutControl = new HashMap<>();

    /** The processes that have closed their channel, or were killed. */
    private final Set<WorkerProcess> ending = new LinkedHashSet<>();

    private final Map<Connection, SelectionKey> unknown = new LinkedHashMap<>();

    /**
     * A thread that is not started.
     *
     * @param afterLook called after a look that was asked for
     * @param atEnd called at its end, when all is closed
     */
    IoThread(LaunchOptions options, WorkerEvents events, RunningClock clock, Runnable afterLook, Runnable atEnd)
            throws IOException {
        this.options = options;
        this.events = events;
        this.clock = clock;
        this.afterLook = afterLook;
        this.atEnd = atEnd;
        this.selector = Selector.open();
        this.errors = new ErrorLog("The I/O thread of the process pool '" + options.name() + "'");
        this.thread = Thread.ofPlatform().daemon().name(options.name() + "-io").unstarted(this);
    }

    // ---- from any thread

    void start() {
        thread.start();
    }

    Selector selector() {
        return selector;
    }

    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    void streaming(boolean now) {
        streaming = now;
    }

    void close() {
        closed = true;
        selector.wakeup();
    }

    /** A process was started and will connect. */
    void starts(WorkerProcess process) {
        request(() -> {
            starting.put(process.worker.number, process);
            withoutControl.put(process.worker.number, process);
        });
    }

    /** A process was killed: its end has to be seen. */
    void ends(WorkerProcess process) {
        request(() -> {
            if (!process.gone) {
                ending.add(process);
            }
        });
    }

    /** Writes what is left when the channel takes more. */
    void watchForWriting(WorkerChannel channel) {
        request(() -> addInterest(channel, SelectionKey.OP_WRITE));
    }

    /** Reads from a worker that was paused. */
    void resume(WorkerProcess process) {
        request(() -> addInterest(process.data, SelectionKey.OP_READ));
    }

    void unreadable(WorkerProcess process, Throwable problem) {
        request(() -> events.unreadable(process.worker, problem));
    }

    /**
     * Whether all that had arrived by a time was reported. If not, that is done soon, unless this thread does not get
     * to it within a time: a callback of a user may block it.
     */
    boolean hasReported(long time, long atMost) {
        if (reportedUntil >= time) {
            return true;
        }
        long since = lookSince;
        if (since != NEVER) {
            return clock.now() - since > atMost;
        }
        lookSince = clock.now();
        selector.wakeup();
        return false;
    }

    boolean isLookPending() {
        return lookSince != NEVER;
    }

    private void request(Runnable request) {
        requests.add(request);
        if (!isCurrent()) {
            selector.wakeup();
        }
    }

    // ---- this thread

    @Override
    public void run() {
        long pause = 0;
        while (!closed) {
            try {
                round();
                pause = 0;
            } catch (Throwable e) { // a defect, or no memory: other workers must go on
                errors.log(e);
                pause = Math.min(MAX_BACK_OFF_NANOS, Math.max(MIN_BACK_OFF_NANOS, pause * 2));
                LockSupport.parkNanos(this, pause);
            }
        }
        closeChannels();
        atEnd.run();
    }

    private void round() throws IOException {
        for (Runnable request = requests.poll(); request != null; request = requests.poll()) {
            request.run();
        }
        long next = watchEnds(clock.now());
        long begin = clock.now();
        boolean look = lookSince != NEVER;
        if (look || next <= begin || !requests.isEmpty()) {
            selector.selectNow(this::handle);
        } else {
            selector.select(this::handle, next == NEVER ? 0 : TimeUnit.NANOSECONDS.toMillis(next - begin) + 1);
        }
        reportedUntil = begin;
        if (look) {
            lookSince = NEVER;
            afterLook.run();
        }
        if (streaming) {
            LockSupport.parkNanos(this, REST_NANOS);
        }
    }

    /** Reports processes that have ended. Returns when to look again. */
    private long watchEnds(long now) {
        if (ending.isEmpty() && starting.isEmpty()) {
            return NEVER;
        }
        List<WorkerProcess> watched = new ArrayList<>(ending);
        watched.addAll(starting.values());
        for (WorkerProcess process : watched) {
            if (!process.isAlive()) {
                ended(process);
            } else if (now >= process.endDeadline) {
                process.endDeadline = NEVER;
                process.kill();
            }
        }
        return !ending.isEmpty() ? now + END_LOOK_NANOS : !starting.isEmpty() ? now + START_LOOK_NANOS : NEVER;
    }

    private void ended(WorkerProcess process) {
        ending.remove(process);
        starting.remove(process.worker.number);
        withoutControl.remove(process.worker.number);
        if (!process.gone) {
            process.gone = true;
            process.close();
            events.gone(process.worker, null);
        }
    }

    private void addInterest(WorkerChannel channel, int operation) {
        SocketChannel socket = channel.channel();
        SelectionKey key = socket == null ? null : socket.keyFor(selector);
        try {
            if (key != null && key.isValid()) {
                key.interestOpsOr(operation);
            }
        } catch (CancelledKeyException e) {
            // the end of the channel was seen
        }
    }

    private void handle(SelectionKey key) {
        try {
            if (key.attachment() instanceof Connection connection) {
                connection.handle(key);
            } else {
                accept(key);
            }
        } catch (CancelledKeyException | ClosedChannelException e) {
            key.cancel();
        } catch (IOException e) {
            errors.log(e);
            LockSupport.parkNanos(this, MIN_BACK_OFF_NANOS); // out of descriptors, most likely
        }
    }

    private void accept(SelectionKey key) throws IOException {
        SocketChannel socket = Reception.accept(key);
        if (socket == null) {
            return;
        }
        if (unknown.size() >= MAX_UNKNOWN) {
            Map.Entry<Connection, SelectionKey> oldest =
                    unknown.entrySet().iterator().next();
            oldest.getKey().hangUp(oldest.getValue());
        }
        socket.configureBlocking(false);
        var connection = new Connection(socket, this, events);
        unknown.put(connection, socket.register(selector, SelectionKey.OP_READ, connection));
    }

    private void closeChannels() {
        try {
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            // nothing is left to close
        }
    }

    // ---- this thread, for its connections

    ByteBuffer buffer() {
        return buffer;
    }

    long maxResultSize() {
        return options.maxResultSize();
    }

    @Nullable
    WorkerProcess starting(long worker) {
        return starting.get(worker);
    }

    @Nullable
    WorkerProcess withoutControl(long worker) {
        return withoutControl.get(worker);
    }

    void controlled(WorkerProcess process) {
        withoutControl.remove(process.worker.number);
    }

    /** A connection is not unknown any more. */
    void known(Connection connection) {
        unknown.remove(connection);
    }

    void connected(WorkerProcess process) {
        starting.remove(process.worker.number);
        process.hideStatus();
    }

    /** A process has closed its channel: it is about to end, or has to. */
    void hungUp(WorkerProcess process) {
        if (!process.gone) {
            process.endDeadline = clock.now() + END_NANOS;
            ending.add(process);
        }
    }
}
