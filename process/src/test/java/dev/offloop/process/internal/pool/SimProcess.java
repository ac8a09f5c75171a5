package dev.offloop.process.internal.pool;

import dev.offloop.process.WorkerCrashedException;
import dev.offloop.process.WorkerOutOfMemoryException;
import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameType;
import dev.offloop.process.internal.wire.Protocol;
import dev.offloop.process.internal.wire.Values;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A simulated worker process, its channels and the status that it shares with the pool. */
final class SimProcess implements WorkerLink {

    enum Life {
        BOOTS,
        WAITS,
        HAS_READ,
        RUNS,
        /** It does nothing more, and does not end by itself. */
        STUCK
    }

    /** Something that the process has sent. */
    record Sent(Frame frame, Throwable unreadable, long at) {}

    private static final Outgoing RETIRE = new Outgoing(-1, SimPayloads.function(0, false), null);
    private static final OutOfMemoryError NO_MEMORY = new OutOfMemoryError("simulated");
    private static final byte[] NOTHING = {};

    private final Sim sim;
    final int index;
    final Worker worker;
    final long bit;
    Life life = Life.BOOTS;
    boolean alive = true;
    boolean handshaken;
    boolean knownToIo;
    boolean killed;
    boolean silent;
    boolean liar;
    boolean unreadable;
    boolean initializerHasFailed;

    /** Whether something that it has sent took long to read. */
    boolean wasTooSlowToRead;

    boolean heapWasFull;
    boolean goneReported;
    boolean wasConnected;
    boolean paused;
    boolean terminated;
    boolean ignoresTerminate;
    long busyUntil;
    long maxHeap;

    /** Since when it has been sent what it has not read. */
    long waitsSince;

    private long memory = 50L << 20;
    private long frozenBeats;
    private long begun;

    final ArrayDeque<Outgoing> inbox = new ArrayDeque<>();
    final ArrayDeque<Sent> outbox = new ArrayDeque<>();
    final ArrayDeque<Long> cancels = new ArrayDeque<>();

    /** What it has read, or runs. */
    Outgoing current;

    /** The last call that it has answered. */
    Outgoing last;

    /** How much progress of the call that it runs it has sent. */
    int progress;

    boolean cancelled;

    SimProcess(Sim sim, int index, Worker worker, long maxHeap) {
        this.sim = sim;
        this.index = index;
        this.worker = worker;
        this.bit = 1L << index;
        this.maxHeap = maxHeap;
    }

    // ---- what it does

    /** Whether it does something if it is let. */
    boolean canStep() {
        if (!alive) {
            return false;
        }
        if (killed) {
            return true;
        }
        if (silent) {
            return false;
        }
        if (terminated && !ignoresTerminate) {
            return true;
        }
        if (sim.now < busyUntil) {
            return false;
        }
        return switch (life) {
            case BOOTS -> handshaken;
            case WAITS -> !inbox.isEmpty();
            case HAS_READ, RUNS -> true;
            case STUCK -> false;
        };
    }

    /** When it does something by itself. */
    long wakesAt() {
        return alive && !silent && (life == Life.RUNS || life == Life.BOOTS && handshaken) ? busyUntil : Platform.NEVER;
    }

    void step() {
        if (killed && !sim.fault(SimFault.ACTS_AFTER_KILL, 4)) {
            die("is killed");
            return;
        }
        if (silent) {
            return;
        }
        if (terminated && !ignoresTerminate) {
            if (sim.fault(SimFault.IGNORES_TERMINATE, 5)) {
                ignoresTerminate = true;
            } else {
                die("ends since it was terminated");
            }
            return;
        }
        if (sim.now < busyUntil) {
            return;
        }
        switch (life) {
            case BOOTS -> boot();
            case WAITS -> read();
            case HAS_READ -> begin();
            case RUNS -> run();
            case STUCK -> {}
        }
    }

    private void boot() {
        if (!handshaken) {
            return;
        }
        if (sim.fault(SimFault.NEVER_CONNECTS, 30)) {
            sim.startFailures++;
            life = Life.STUCK;
        } else if (sim.fault(SimFault.CRASHES_BEFORE_HANDSHAKE, 20)) {
            die("crashes before it has connected");
        } else if (busyUntil == 0 && sim.choices.oneIn(4)) {
            busyUntil = sim.now + 30 * Sim.MILLI;
        } else {
            life = Life.WAITS;
            send(null, null);
            sim.say("process", index, "connects");
        }
    }

    private void read() {
        Outgoing next = inbox.poll();
        waitsSince = sim.now;
        if (next == null) {
            return;
        }
        if (next == RETIRE) {
            if (sim.fault(SimFault.IGNORES_RETIRE, 8)) {
                life = Life.STUCK;
            } else {
                die("ends since it was retired");
            }
            return;
        }
        current = next;
        life = Life.HAS_READ;
        if (sim.tracing) {
            sim.say("process", index, "has read " + name(next));
        }
    }

    private void begin() {
        Outgoing call = current;
        if (call.number() != Protocol.INITIALIZER) {
            if (begun >= call.number()) {
                sim.count(SimFault.CALL_TAKEN_BACK);
                if (sim.tracing) {
                    sim.say("process", index, "skips " + name(call) + ", which was taken back");
                }
                life = Life.WAITS;
                current = null;
                return;
            }
            begun = call.number();
            SimCall truth = sim.calls.get(SimPayloads.callOf(call.function()));
            truth.progressSent = 0;
            sim.hasBegun(truth.index, this);
        }
        life = Life.RUNS;
        progress = 0;
        cancelled = false;
        if (sim.tracing) {
            sim.say("process", index, "begins " + name(call));
        }
        if (call.number() == Protocol.INITIALIZER && sim.fault(SimFault.INITIALIZER_HANGS, 12)) {
            busyUntil = Platform.NEVER;
            sim.startFailures++;
            return;
        }
        int duration = sim.faults ? sim.choices.below(24) : 0;
        if (duration >= 21 && call.number() != Protocol.INITIALIZER) {
            sim.count(SimFault.FUNCTION_NEVER_ENDS);
            busyUntil = Platform.NEVER;
        } else if (duration >= 16) {
            sim.count(SimFault.FUNCTION_IS_SLOW);
            busyUntil = sim.now + (duration >= 19 ? 2 * Sim.SECOND : 8 * Sim.MILLI);
        } else if (duration >= 8) {
            busyUntil = sim.now + 20 * Sim.MICRO;
        }
    }

    private void run() {
        long number = current.number();
        SimCall call = number == Protocol.INITIALIZER ? null : sim.calls.get(SimPayloads.callOf(current.function()));
        if (call != null && call.options.progressListener() != null && sim.choices.oneIn(3)) {
            progress++;
            call.progressSent = progress;
            send(new Frame(FrameType.PROGRESS, number, SimPayloads.plain((long) progress << 6 | index & 63)), null);
            if (sim.tracing) {
                sim.say("process", index, "sends progress " + progress + " of " + name(current));
            }
            return;
        }
        if (call == null) {
            if (sim.fault(SimFault.INITIALIZER_FAILS, 12)) {
                sim.startFailures++;
                answer(FrameType.FAILURE, SimPayloads.FAILURE);
            } else {
                answer(FrameType.RESULT, SimPayloads.NULL);
            }
            return;
        }
        if (cancelled && sim.choices.oneIn(2) || sim.fault(SimFault.FUNCTION_FAILS, 40)) {
            call.failureSent = true;
            answer(FrameType.FAILURE, SimPayloads.FAILURE);
            return;
        }
        int kind = sim.choices.below(40);
        if (kind >= 39 && sim.faults) {
            boolean tooLarge = sim.choices.oneIn(2);
            sim.count(tooLarge ? SimFault.SENDS_TOO_LARGE : SimFault.SENDS_UNREADABLE);
            sendUnreadable(tooLarge ? SimAccess.tooLarge(number) : new IllegalArgumentException("simulated junk"));
            done();
        } else if (kind == 38) {
            call.answered |= 1L << SimPayloads.ANY_PROCESS;
            answer(FrameType.RESULT, SimPayloads.stream(call.index));
        } else {
            call.answered |= 1L << Math.min(index, SimPayloads.ANY_PROCESS);
            long value = SimPayloads.value(call.index, index);
            answer(FrameType.RESULT, kind >= 28 ? SimPayloads.foreign(value) : SimPayloads.plain(value));
        }
    }

    private void answer(FrameType type, byte[] payload) {
        send(new Frame(type, current.number(), payload), null);
        if (sim.tracing) {
            sim.say(
                    "process",
                    index,
                    "sends " + type + (Values.isPlain(payload) ? "" : " (foreign)") + " of " + name(current));
        }
        done();
    }

    private void done() {
        last = current;
        current = null;
        life = Life.WAITS;
    }

    void sendUnreadable(Throwable problem) {
        unreadable = true;
        sim.unreadable |= bit;
        send(null, problem);
        sim.say("process", index, "sends what cannot be read");
    }

    private void send(Frame frame, Throwable problem) {
        outbox.addLast(new Sent(frame, problem, sim.now));
    }

    /** Listens to cancellations on a thread of its own. */
    boolean canListen() {
        return alive && !silent && !cancels.isEmpty();
    }

    void listen() {
        long number = cancels.removeFirst();
        if (current == null || current.number() != number || life != Life.RUNS) {
            sim.say("process", index, "does not run what it is to cancel");
            return;
        }
        if (!sim.fault(SimFault.NO_DUMP, 6)) {
            send(new Frame(FrameType.DUMP, number, SimPayloads.DUMP), null);
            sim.say("process", index, "sends a dump");
        }
        if (!sim.fault(SimFault.IGNORES_CANCEL, 3)) {
            cancelled = true;
            busyUntil = sim.now + (sim.choices.oneIn(3) ? Sim.MILLI : 0);
        }
    }

    void die(String how) {
        if (!alive) {
            return;
        }
        frozenBeats = beats();
        alive = false;
        cancels.clear();
        inbox.clear();
        sim.dead |= bit;
        if (!worker.wasReady) {
            sim.startFailures++;
            sim.crashesAtStart++;
        }
        sim.say("process", index, how);
    }

    /** Something goes wrong with it, whatever it does. */
    void misfortune(boolean lies) {
        switch (sim.choices.below(16)) {
            case 1, 2 -> crash();
            case 3 -> {
                heapWasFull = true;
                sim.count(SimFault.FILLS_HEAP);
                die("fills its heap and ends");
            }
            case 4, 5 -> {
                if (!silent) {
                    frozenBeats = beats();
                    silent = true;
                    sim.count(SimFault.FALLS_SILENT);
                    sim.say("process", index, "falls silent");
                }
            }
            case 6, 7 -> {
                if (silent) {
                    silent = false;
                    sim.count(SimFault.GOES_ON_AFTER_SILENCE);
                    sim.say("process", index, "goes on after its silence");
                }
            }
            case 8 -> {
                if (lies && wasConnectedOrHasSent()) {
                    sim.count(SimFault.SENDS_JUNK);
                    lie();
                    FrameType type = FrameType.values()[sim.choices.below(FrameType.values().length)];
                    send(new Frame(type, sim.choices.below(4), SimPayloads.plain(-1)), null);
                    sim.say("process", index, "sends junk");
                }
            }
            case 9 -> {
                if (lies && wasConnectedOrHasSent()) {
                    sim.count(SimFault.ANSWERS_UNKNOWN_CALL);
                    lie();
                    long number = begun + sim.choices.below(4);
                    send(new Frame(FrameType.RESULT, number, SimPayloads.plain(-1)), null);
                    sim.say("process", index, "answers a call that it does not run");
                }
            }
            case 10 -> {
                if (lies && last != null) {
                    sim.count(SimFault.ANSWERS_TWICE);
                    lie();
                    send(new Frame(FrameType.RESULT, last.number(), SimPayloads.plain(-1)), null);
                    sim.say("process", index, "answers twice");
                }
            }
            case 11 -> {
                if (lies && sim.choices.oneIn(3)) {
                    sim.count(SimFault.LIES_IN_STATUS);
                    lie();
                    begun = switch (sim.choices.below(3)) {
                        case 0 -> 0;
                        case 1 -> begun + 2;
                        default -> Long.MAX_VALUE;
                    };
                    sim.say("process", index, "rewrites its status");
                }
            }
            case 12 -> {
                sim.count(SimFault.LEAKS_MEMORY);
                memory += 80L << 20;
            }
            case 13, 14, 15 -> {
                if (life == Life.RUNS && current.number() != Protocol.INITIALIZER) {
                    sim.count(SimFault.PROGRESS_FLOODS);
                    for (int i = sim.choices.below(4); i >= 0; i--) {
                        send(
                                new Frame(
                                        FrameType.PROGRESS, current.number(), SimPayloads.BODY, SimPayloads.LARGE_BODY),
                                null);
                    }
                    sim.say("process", index, "floods the pool with progress");
                }
            }
            default -> {}
        }
    }

    private boolean wasConnectedOrHasSent() {
        return life != Life.BOOTS;
    }

    private void lie() {
        liar = true;
        sim.liars |= bit;
    }

    private void crash() {
        sim.count(
                switch (life) {
                    case BOOTS -> SimFault.CRASHES_BEFORE_HANDSHAKE;
                    case HAS_READ -> SimFault.CRASHES_BEFORE_CALL_BEGINS;
                    case RUNS ->
                        current.number() == Protocol.INITIALIZER
                                ? SimFault.CRASHES_IN_INITIALIZER
                                : SimFault.CRASHES_IN_CALL;
                    case WAITS, STUCK -> outbox.isEmpty() ? SimFault.CRASHES_IDLE : SimFault.CRASHES_AFTER_ANSWER;
                });
        die("crashes");
    }

    String name(Outgoing message) {
        return message.number() == Protocol.INITIALIZER
                ? "the initializer"
                : "call " + SimPayloads.callOf(message.function()) + " (number " + message.number() + ")";
    }

    /** The call up to which all have begun or were taken back, as its status says. */
    long status() {
        return begun;
    }

    /** Whether the process has a call, and will come to it or is at it. */
    boolean has(long number) {
        if (current != null && current.number() == number) {
            return true;
        }
        for (Outgoing message : inbox) {
            if (message.number() == number) {
                return true;
            }
        }
        return false;
    }

    /** Whether it has sent an answer by a time that was not delivered. */
    boolean hasUndeliveredAnswer(long number, long until) {
        for (Sent sent : outbox) {
            Frame frame = sent.frame();
            if (frame != null && frame.id() == number && Mailbox.isAnswer(frame) && sent.at() <= until) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is at something that has no end. */
    boolean isAtNoEnd() {
        return liar || life == Life.STUCK || life == Life.RUNS && busyUntil == Platform.NEVER;
    }

    // ---- for the I/O thread

    /** Whether its end can be seen. */
    boolean isGoneVisible() {
        return !alive && (killed || outbox.isEmpty() && !paused);
    }

    boolean isDeliverable() {
        return !paused && !outbox.isEmpty() || isGoneVisible();
    }

    /** Whether something that it had sent by then was not delivered. */
    boolean hasUndelivered(long time) {
        Sent first = outbox.peekFirst();
        return !goneReported && !paused && first != null && first.at() <= time;
    }

    // ---- for the pool

    @Override
    public long pid() {
        return index;
    }

    @Override
    public void send(List<Outgoing> calls) {
        sim.checkOutside();
        int sent = 0;
        if (alive && sim.fault(SimFault.SEND_FAILS, 150)) {
            sent = sim.choices.below(calls.size() + 1);
            unreadable = true;
            sim.unreadable |= bit;
            for (int i = 0; i < sent; i++) {
                deliver(calls.get(i));
            }
            sim.say("process", index, "is sent a part of its calls: no memory");
            throw NO_MEMORY;
        }
        for (Outgoing call : calls) {
            deliver(call);
        }
    }

    private void deliver(Outgoing call) {
        if (sim.tracing) {
            sim.say("process", index, "is sent " + name(call));
        }
        if (alive) {
            if (current != null || !inbox.isEmpty()) {
                sim.count(SimFault.CALL_SENT_AHEAD);
            }
            if (inbox.stream().allMatch(before -> before.number() <= begun)) { // the others were taken back
                waitsSince = sim.now;
            }
            inbox.add(call);
        }
    }

    @Override
    public void cancel(long number) {
        sim.checkOutside();
        sim.say("process", index, "is asked to end what it runs");
        if (alive) {
            cancels.add(number);
        }
    }

    @Override
    public void sample(long number) {} // nobody looks at the simulation

    @Override
    public void retire() {
        sim.checkOutside();
        sim.count(SimFault.WORKER_RETIRED);
        sim.say("process", index, "is asked to retire");
        if (alive) {
            inbox.add(RETIRE);
        }
    }

    @Override
    public void terminate() {
        sim.checkOutside();
        sim.say("process", index, "is terminated");
        terminated = true;
    }

    @Override
    public void kill() {
        sim.checkOutside();
        sim.say("process", index, "gets killed");
        sim.count(SimFault.WORKER_KILLED);
        killed = true;
    }

    @Override
    public long takeBack(long last) {
        actMeanwhile();
        long begun = this.begun;
        if (begun < last) {
            this.begun = last;
        }
        return begun;
    }

    @Override
    public long begun() {
        actMeanwhile();
        return begun;
    }

    /** A process does not wait for the pool's lock. */
    private void actMeanwhile() {
        if (alive && sim.fault(SimFault.ACTS_WITHIN_A_STEP, 12)) {
            for (int i = sim.choices.below(4); i > 0 && canStep(); i--) {
                sim.now++;
                step();
            }
        }
    }

    @Override
    public long beats() {
        return alive && !silent ? sim.now / (100 * Sim.MILLI) + 1 : frozenBeats;
    }

    @Override
    public long residentMemory() {
        return memory;
    }

    /** As if it did nothing but use one processor. */
    @Override
    public long processorTime() {
        sim.checkOutside();
        return sim.now;
    }

    @Override
    public long maxHeap() {
        return maxHeap;
    }

    @Override
    public void pauseEvents() {
        sim.say("process", index, "is not read from any more");
        sim.count(SimFault.EVENTS_PAUSED);
        paused = true;
    }

    @Override
    public void resumeEvents() {
        sim.say("process", index, "is read from again");
        paused = false;
    }

    @Override
    public void ready() {}

    @Override
    public boolean failedToStart() {
        return false;
    }

    @Override
    public Loss loss() {
        return new SimLoss(this);
    }

    /** What is known about the end of the process. */
    record SimLoss(SimProcess process) implements Loss {

        @Override
        public String inWords() {
            return "ended";
        }

        @Override
        public boolean heapWasFull() {
            return process.heapWasFull;
        }

        @Override
        public boolean exceededLimit() {
            return false;
        }

        @Override
        public String report() {
            return "";
        }

        @Override
        public String lastOutput() {
            return "";
        }

        @Override
        public WorkerCrashedException crash(String details) {
            return new WorkerCrashedException(details, process.index, OptionalInt.empty(), Optional.empty());
        }

        @Override
        public WorkerOutOfMemoryException outOfMemory(String message) {
            return new WorkerOutOfMemoryException(message, process.index, OptionalInt.empty(), Optional.empty(), false);
        }
    }
}
