package dev.offloop.process.internal.pool;

import dev.offloop.process.CallOptions;
import dev.offloop.process.PoolStatistics;
import dev.offloop.process.internal.wire.Frame;
import dev.offloop.process.internal.wire.FrameType;
import dev.offloop.process.internal.wire.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One scenario: a pool on simulated threads, processes and time, in one real thread.
 *
 * <p>What happens next is decided by {@link SimChoices}: which simulated thread runs its next action, which process
 * does something, which event is delivered, what users do and when time passes. First all happens at random, faults
 * too; then the faults stop and all that can go on does; then the pool is shut down. {@link SimChecks} look at the pool
 * after each step.
 */
final class Sim {

    static final long MICRO = 1_000;
    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000_000_000;

    private static final int CALLERS = 3;
    private static final int MAX_CALLS = 36;
    private static final int MAX_PROCESSES = 60;
    private static final int MAX_DRAIN_STEPS = 20_000;

    /** With what users end calls. */
    static final IllegalArgumentException USER_FAILURE = new IllegalArgumentException("a user's");

    // ---- kinds of steps

    private static final int ACTION = 0;
    private static final int JOB = 1;
    private static final int DELIVERY = 2;
    private static final int TICK = 3;
    private static final int PROCESS = 4;
    private static final int CANCELLATION = 5;
    private static final int COME_BACK = 6;
    private static final int KIND = 1 << 16;

    final SimChoices choices;
    final boolean tracing;
    final ArrayList<String> trace = new ArrayList<>();
    private final int[] counts;
    final SimPlatform platform;
    final PoolOptions options;
    final Pool pool;
    final PoolState state;
    final SimChecks checks;

    final ArrayList<SimActor> actors = new ArrayList<>();
    final SimActor io;
    final SimActor timer;
    private final SimActor closer;
    private final SimActor[] callers = new SimActor[CALLERS];
    private int actorsMade;

    /** Those whose end was not reported. */
    final ArrayList<SimProcess> processes = new ArrayList<>();

    final ArrayList<SimProcess> allProcesses = new ArrayList<>();
    final ArrayList<SimCall> calls = new ArrayList<>();
    final ArrayList<CompletableFuture<@Nullable Void>> warmUps = new ArrayList<>();

    /** The calls by the number that the pool has given to them. */
    final SimCall[] byId = new SimCall[2 * MAX_CALLS];

    long now = SECOND;
    int steps;
    boolean faults = true;

    /** Since when all threads get to what they have to do. */
    long fairSince = Platform.NEVER / 2;

    SimActor current;

    /** How many actions run inside of each other. */
    int depth;

    SimViolation found;

    // ---- what really happened; processes are bits of their index

    long dead;
    long liars;
    long unreadable;
    int startFailures;

    /** Those of them that are processes which ended before they were ready. */
    int crashesAtStart;

    boolean stopped;
    private boolean jvmShutDown;

    // ---- what this scenario is like

    private final boolean priorities;
    private final int retries;
    private final boolean progress;
    private final boolean large;
    private final long heap;
    private final boolean callbacks;
    private final boolean mayShutDown;
    private final boolean shortCalls;

    private long processesThatRan;

    /** How many things in 256 that users do, misfortunes and pauses there are, while something else can go on. */
    private final int pace;

    private final int misfortunes;
    private final boolean lies;

    private int[] candidates = new int[64];
    private int count;

    Sim(SimChoices choices, int[] counts, boolean tracing) {
        this.choices = choices;
        this.counts = counts;
        this.tracing = tracing;
        boolean session = choices.oneIn(8);
        var plain = new PoolOptions(
                "sim",
                1 + choices.below(4),
                pick(0, 0, 0, 1, 2),
                0,
                false,
                choices.oneIn(4),
                choices.oneIn(4) ? SimPayloads.NULL : null,
                SimPayloads.READING,
                SimPayloads.WRITING,
                pick(4, 1, 100, 100),
                choices.oneIn(2),
                pick(Platform.NEVER, 50 * MILLI, SECOND),
                pick(50 * MILLI, 0, 2 * SECOND),
                pick(5 * SECOND, 100 * MILLI),
                pick(Platform.NEVER, 50 * MILLI, SECOND),
                pick(Integer.MAX_VALUE, Integer.MAX_VALUE, 1, 3),
                pick(Platform.NEVER, Platform.NEVER, Platform.NEVER, 100L << 20),
                pick(Platform.NEVER, Platform.NEVER, Platform.NEVER, 60L << 20),
                pick(60 * SECOND, 8 * SECOND, 8 * SECOND, Platform.NEVER),
                pick(0, SECOND),
                false);
        this.options = session ? plain.ofSession("session", 7) : plain;
        this.platform = new SimPlatform(this);
        this.pool = new Pool(options, events -> platform);
        this.state = pool.state;
        this.checks = new SimChecks(this);
        this.priorities = choices.oneIn(4);
        this.retries = choices.oneIn(3) ? 2 : 0;
        this.progress = choices.oneIn(4);
        this.large = choices.oneIn(8);
        this.heap = large ? pick(1 << 20, 16 << 20, 1 << 30) : 1 << 30;
        this.callbacks = choices.oneIn(3);
        this.mayShutDown = choices.oneIn(3);
        this.shortCalls = choices.oneIn(2);
        this.pace = pick(40, 100, 160);
        this.misfortunes = pick(0, 6, 20, 60);
        this.lies = choices.oneIn(4);
        this.io = newActor("the I/O thread", true);
        this.timer = newActor("the timer", true);
        for (int i = 0; i < CALLERS; i++) {
            callers[i] = newActor("user " + i, false);
        }
        this.closer = newActor("the user who closes", false);
        if (tracing) {
            say(options.toString()
                    .replaceAll("reading=.*onlyStreams=false, codec=null], ", "")
                    .replace("9223372036854775807", "unlimited"));
        }
    }

    private long pick(long... values) {
        return values[choices.below(values.length)];
    }

    private int pick(int... values) {
        return values[choices.below(values.length)];
    }

    // ---- for all parts

    boolean fault(SimFault fault, int oneIn) {
        if (faults && choices.oneIn(oneIn)) {
            counts[fault.ordinal()]++;
            return true;
        }
        return false;
    }

    void count(SimFault fault) {
        counts[fault.ordinal()]++;
    }

    void say(String what) {
        if (tracing) {
            trace.add(what);
        }
    }

    void say(String who, int index, String what) {
        if (tracing) {
            trace.add(who + " " + index + " " + what);
        }
    }

    SimViolation violation(String kind, String details) {
        var violation = new SimViolation(kind, details);
        if (found == null) {
            found = violation;
        }
        return violation;
    }

    /** What effects do must not happen under the pool's lock. */
    void checkOutside() {
        if (state.lock.isHeldByCurrentThread()) {
            throw violation("something outside of the pool was touched under its lock", "");
        }
    }

    SimActor newActor(String name, boolean ofPool) {
        String numbered = name.indexOf(' ') < 0 && tracing ? name + " thread " + ++actorsMade : name;
        var actor = new SimActor(numbered, ofPool);
        actors.add(actor);
        return actor;
    }

    SimProcess newProcess(Worker worker) {
        var process = new SimProcess(this, allProcesses.size(), worker, heap);
        processes.add(process);
        allProcesses.add(process);
        if (shortCalls) {
            SimAccess.runsShortCalls(worker);
        }
        if (tracing) {
            say("process " + process.index + " is started for worker " + worker.number);
        }
        return process;
    }

    boolean hasUndelivered(long time) {
        for (int i = 0; i < processes.size(); i++) {
            SimProcess process = processes.get(i);
            if (process.knownToIo && process.hasUndelivered(time)) {
                return true;
            }
        }
        return false;
    }

    /** A process has begun a call. */
    void hasBegun(int index, SimProcess process) {
        SimCall call = calls.get(index);
        if ((call.begun & process.bit) != 0 && (process.bit & liars) == 0) {
            throw violation("a process has begun a call twice", call + " in process " + process.index);
        }
        if (call.begun != 0) {
            count(SimFault.CALL_REPEATED);
        }
        call.begun |= process.bit;
        processesThatRan |= process.bit;
        if (options.endsWithWorker() && Long.bitCount(processesThatRan & ~liars) > 1) {
            throw violation("a session goes on in another process", call + " in process " + process.index);
        }
        if (Long.bitCount(call.begun & ~liars) > 1 + call.options.retriesOnCrash() && (call.assigned & liars) == 0) {
            throw violation("a call is run more often than it may be", call.toString());
        }
    }

    void foreignRefused(Job code) {
        for (int i = 0; i < processes.size(); i++) {
            SimProcess process = processes.get(i);
            if (process.worker.mailbox == code) {
                process.unreadable = true;
                unreadable |= process.bit;
                if (!process.worker.wasReady) {
                    startFailures++;
                }
            }
        }
    }

    // ---- the scenario

    /** Runs it. Throws {@link SimViolation} if the pool does what it must not. */
    void run() {
        if (choices.oneIn(2)) {
            faults = false;
            perform(closer, () -> warmUps.add(pool.warmUp()));
            while (step(true)) {
                checkFound();
            }
            faults = true;
        }
        int random = choices.below(320);
        for (int i = 0; i < random; i++) {
            step(false);
        }
        faults = false;
        fairSince = now;
        say("---- the faults stop");
        drain(now + 150 * SECOND, 1500, true);
        checks.allCallsEnded();
        say("---- the pool is shut down");
        perform(closer, pool::shutdown);
        drain(now + 15 * SECOND, 60, false);
        if (!pool.isTerminated()) {
            boolean gently = choices.oneIn(2);
            say(gently ? "---- the pool is shut down now, gently" : "---- the pool is shut down now");
            stopped = true;
            perform(closer, () -> pool.shutdownNow(gently));
            drain(now + 30 * SECOND, 60, false);
        }
        checks.atEnd();
    }

    /** Lets all go on that can, and time pass when nothing can. */
    private void drain(long until, int mostPauses, boolean calls) {
        int left = MAX_DRAIN_STEPS;
        int pauses = mostPauses;
        while (true) {
            while (step(true)) {
                if (--left == 0) {
                    throw violation("does not come to rest", "");
                }
            }
            if (found != null) {
                throw found;
            }
            checks.whenAtRest();
            if (calls ? checks.isAllSettled() : pool.isTerminated()) {
                return;
            }
            long next = nextEvent();
            if (next == Platform.NEVER || next > until || --pauses == 0) {
                return;
            }
            timeIs(next);
        }
    }

    private void timeIs(long time) {
        now = Math.max(now, time);
        platform.looksInVain = 0;
        for (Worker worker : state.workers) {
            if (worker.state().isStarting() && worker.startDeadline <= now) {
                startFailures++;
            }
        }
        if (tracing) {
            say("---- the time is " + (now - SECOND) / MICRO + " us");
        }
    }

    /** When something happens by itself. */
    private long nextEvent() {
        long next = platform.open && !platform.closed ? platform.timerWakesAt : Platform.NEVER;
        for (int i = 0; i < processes.size(); i++) {
            long wakesAt = processes.get(i).wakesAt();
            if (wakesAt > now) {
                next = Math.min(next, wakesAt);
            }
        }
        for (int i = 0; i < actors.size(); i++) {
            SimActor actor = actors.get(i);
            if (actor.stuckUntil > now) {
                next = Math.min(next, actor.stuckUntil);
            }
        }
        return next;
    }

    // ---- steps

    private void candidate(int kind, int index) {
        if (count == candidates.length) {
            candidates = java.util.Arrays.copyOf(candidates, 2 * count);
        }
        candidates[count++] = kind * KIND + index;
    }

    /** Has one thing happen. Returns whether there was one. */
    private boolean step(boolean drains) {
        count = 0;
        for (int i = 0; i < actors.size(); i++) {
            SimActor actor = actors.get(i);
            if (actor.running || actor.stuckUntil > now) {
                continue;
            }
            if (!actor.pending.isEmpty()) {
                candidate(ACTION, i);
            } else if (actor.job != null) {
                candidate(JOB, i);
            }
        }
        if (io.isFree() && !platform.closed) {
            for (int i = 0; i < processes.size(); i++) {
                if (processes.get(i).knownToIo && processes.get(i).isDeliverable()) {
                    candidate(DELIVERY, i);
                }
            }
        }
        if (timer.isFree() && platform.isTimerDue()) {
            candidate(TICK, 0);
        }
        for (int i = 0; i < processes.size(); i++) {
            SimProcess process = processes.get(i);
            if (process.canStep()) {
                candidate(PROCESS, i);
            }
            if (process.canListen()) {
                candidate(CANCELLATION, i);
            }
        }
        for (int i = 0; i < CALLERS; i++) {
            SimActor caller = callers[i];
            if (caller.parked != null && caller.isFree() && caller.turn.isDone()) {
                candidate(COME_BACK, i);
            }
        }
        if (!drains) {
            int random = choices.below(256);
            if (count == 0 || random >= 256 - pace) {
                return disturb();
            }
            if (!processes.isEmpty() && random >= 256 - pace - misfortunes) {
                steps++;
                processes.get(choices.below(processes.size())).misfortune(lies);
                return true;
            }
        }
        if (count == 0) {
            return false;
        }
        int chosen = candidates[choices.below(count)];
        steps++;
        take(chosen / KIND, chosen % KIND, drains);
        return true;
    }

    /** Users do something, or time passes. */
    private boolean disturb() {
        steps++;
        SimActor user = callers[choices.below(CALLERS)];
        if (user.isFree() && choices.below(count == 0 ? 2 : 4) != 0) {
            user(user);
        } else {
            pass();
        }
        return true;
    }

    private void take(int kind, int index, boolean drains) {
        if (kind == TICK) {
            if (++platform.looksInVain > 20 && drains) {
                throw violation("the timer spins", "");
            }
        } else if (kind != ACTION || actors.get(index) != timer) {
            platform.looksInVain = 0;
        }
        switch (kind) {
            case ACTION -> {
                SimActor actor = actors.get(index);
                perform(actor, actor.pending.removeLast());
                endIfDone(actor);
            }
            case JOB -> job(actors.get(index));
            case DELIVERY -> deliver(processes.get(index));
            case TICK -> {
                say("the timer looks at the deadlines");
                perform(timer, platform::tick);
            }
            case PROCESS -> {
                processes.get(index).step();
                checkFound();
            }
            case CANCELLATION -> processes.get(index).listen();
            case COME_BACK -> comeBack(callers[index]);
            default -> throw new IllegalStateException();
        }
    }

    private void pass() {
        long next = nextEvent();
        switch (choices.below(32)) {
            case 24, 25, 26, 27, 28 -> timeIs(now + 6 * MILLI);
            case 29, 30 -> timeIs(now + 60 * MILLI);
            case 31 -> timeIs(now + (choices.oneIn(3) ? 12 * SECOND : 2 * SECOND));
            default -> {
                if (count == 0 && next != Platform.NEVER) {
                    timeIs(next);
                } else {
                    timeIs(now + 20 * MICRO);
                }
            }
        }
    }

    /** Has an actor do something. */
    private void perform(SimActor actor, Runnable action) {
        SimActor before = current;
        current = actor;
        actor.running = true;
        actor.base = actor.pending.size();
        depth++;
        try {
            action.run();
        } catch (SimViolation violation) {
            throw violation;
        } catch (Throwable thrown) {
            throw new SimViolation(thrown);
        } finally {
            depth--;
            actor.running = false;
            current = before;
        }
        checkFound();
        if (actor == io) {
            platform.afterRound();
        }
        checks.afterStep();
    }

    private void checkFound() {
        if (found != null) {
            throw found;
        }
    }

    private void endIfDone(SimActor actor) {
        if (actor.pending.isEmpty() && actor.job == null && (actor.foreign || actor.name.startsWith("starter"))) {
            actors.remove(actor);
        }
    }

    private void job(SimActor actor) {
        if (actor.foreign && SimAccess.isReading(actor.job) && !actor.abandoned) {
            if (fault(SimFault.READING_IS_SLOW, 8)) {
                actor.stuckUntil = now + (choices.oneIn(2) ? 5 * SECOND : 10 * MILLI);
                say(actor.name + " is slow to read");
                isTooSlowToRead(actor.job);
                return;
            }
            if (fault(SimFault.READING_NEVER_ENDS, 16)) {
                actor.stuckUntil = Platform.NEVER;
                say(actor.name + " never ends to read");
                isTooSlowToRead(actor.job);
                return;
            }
        }
        if (tracing) {
            say(actor.name + (actor.foreign ? " reads" : " goes on"));
        }
        perform(actor, () -> {
            if (!actor.job.step()) {
                actor.job = null;
            }
        });
        endIfDone(actor);
    }

    /** Whether the time of the call is over whose answer, or what came before that, is being read. */
    boolean isLate(Job mailbox) {
        for (int i = 0; i < allProcesses.size(); i++) {
            Worker worker = allProcesses.get(i).worker;
            if (worker.mailbox == mailbox) {
                return worker.callDeadline <= now;
            }
        }
        return false;
    }

    /** Answers that wait behind one that is not read in time are lost with their worker. */
    void isTooSlowToRead(Job mailbox) {
        for (int i = 0; i < allProcesses.size(); i++) {
            if (allProcesses.get(i).worker.mailbox == mailbox) {
                allProcesses.get(i).wasTooSlowToRead = true;
            }
        }
    }

    private void deliver(SimProcess process) {
        boolean gone = process.isGoneVisible();
        if (gone && !process.outbox.isEmpty() && (process.paused || fault(SimFault.LOSES_FRAMES, 2))) {
            process.outbox.clear();
        }
        SimProcess.Sent sent = process.outbox.pollFirst();
        if (sent == null) {
            process.goneReported = true;
            processes.remove(process);
            say("the end of process", process.index, "is reported");
            perform(io, () -> pool.gone(process.worker, null));
        } else if (sent.unreadable() != null) {
            process.outbox.clear();
            say("what cannot be read from process", process.index, "is reported");
            perform(io, () -> pool.unreadable(process.worker, sent.unreadable()));
        } else if (sent.frame() == null) {
            say("the connection of process", process.index, "is reported");
            perform(io, () -> pool.connected(process.worker));
        } else {
            if (tracing) {
                say("a " + sent.frame().type() + " for number " + sent.frame().id() + " from process " + process.index
                        + " is reported");
            }
            received(process, sent.frame());
            perform(io, () -> pool.received(process.worker, sent.frame()));
        }
    }

    /** Takes note of what the pool is about to know. */
    private void received(SimProcess process, Frame frame) {
        if (process.liar) {
            return;
        }
        if (frame.id() == Protocol.INITIALIZER) {
            process.initializerHasFailed |= frame.type() == FrameType.FAILURE;
            return;
        }
        for (int i = 0; i < calls.size(); i++) {
            SimCall call = calls.get(i);
            if (!call.settled && call.worker == process.worker && call.number == frame.id()) {
                if (Mailbox.isAnswer(frame)) {
                    call.received |= process.bit;
                } else if (frame.type() == FrameType.DUMP && call.timedOut) {
                    call.dumpReceived = true;
                }
            }
        }
    }

    // ---- users

    private void user(SimActor user) {
        if (user.parked != null) {
            if (choices.oneIn(12)) {
                count(SimFault.SUBMITTER_GIVES_UP);
                SimCall call = user.parked;
                CallQueue.Turn turn = user.turn;
                user.parked = null;
                call.rejected = true;
                call.settled = true;
                say(user.name + " gives up waiting with", call.index, "");
                perform(user, () -> pool.dispatcher.giveUp(turn));
            }
            return;
        }
        int choice = choices.below(64);
        if (choice < 38) {
            boolean full = state.idle.isEmpty() && state.queue.size() >= options.maxQueued();
            if (calls.size() < MAX_CALLS
                    && allProcesses.size() < MAX_PROCESSES
                    && (!full || options.blockWhenFull() || choices.oneIn(8))) {
                SimCall call = newCall();
                perform(user, () -> admit(user, call, null, false));
            }
        } else if (choice < 52) {
            if (!calls.isEmpty()) {
                SimCall call = calls.get(choices.below(calls.size()));
                if (!call.settled && call.admitted) {
                    endFromOutside(user, call);
                }
            }
        } else if (choice < 55) {
            count(SimFault.WARM_UP);
            say(user.name + " warms the pool up");
            perform(user, () -> {
                try {
                    warmUps.add(pool.warmUp());
                    checks.afterWarmUp();
                } catch (RejectedExecutionException e) {
                    if (state.phase == PoolState.Phase.OPEN) {
                        throw violation("a warm-up was rejected", "");
                    }
                }
            });
        } else if (choice < 57) {
            perform(user, () -> checkStatistics(pool.statistics()));
        } else if (mayShutDown && choice >= 62) {
            shutDown(user, choices.below(6));
        }
    }

    private void checkStatistics(PoolStatistics statistics) {
        long ended = 0;
        for (long each : statistics.ended().values()) {
            ended += each;
        }
        if (statistics.started() != ended + statistics.workers()) {
            throw violation("the statistics do not add up", statistics.toString());
        }
    }

    private void shutDown(SimActor user, int how) {
        switch (how) {
            case 0, 1 -> {
                count(SimFault.SHUTDOWN);
                say(user.name + " shuts the pool down");
                perform(user, pool::shutdown);
            }
            case 2, 3 -> {
                count(SimFault.SHUTDOWN_NOW);
                say(user.name + (how == 2 ? " shuts the pool down now, gently" : " shuts the pool down now"));
                stopped = true;
                perform(user, () -> pool.shutdownNow(how == 2));
            }
            default -> {
                if (!jvmShutDown) {
                    jvmShutDown = true;
                    count(SimFault.JVM_SHUTS_DOWN);
                    say("the JVM shuts down");
                    perform(user, pool::jvmShutsDown);
                }
            }
        }
    }

    private void endFromOutside(SimActor user, SimCall call) {
        boolean cancels = choices.oneIn(2);
        boolean mayInterrupt = choices.oneIn(2);
        if (tracing) {
            say(user.name
                    + (cancels ? (mayInterrupt ? " cancels " : " cancels, without interrupting, ") : " fails ")
                    + call);
        }
        perform(user, () -> {
            if (!call.call.isDone()) {
                endsByUser(call, !cancels || mayInterrupt);
                if (cancels) {
                    count(SimFault.CALL_CANCELLED);
                    call.call.cancel(mayInterrupt);
                } else {
                    count(SimFault.CALL_FAILED_FROM_OUTSIDE);
                    call.call.completeExceptionally(USER_FAILURE);
                }
            }
        });
    }

    private void endsByUser(SimCall call, boolean interrupts) {
        call.endedByUser = true;
        call.interrupts = interrupts;
        for (int i = 0; i < processes.size(); i++) {
            processes.get(i).waitsSince = now; // its worker may get another call
        }
    }

    private SimCall newCall() {
        boolean isLarge = large && choices.oneIn(3);
        if (isLarge) {
            count(SimFault.LARGE_ARGUMENTS);
        }
        var call = new SimCall(this, calls.size(), isLarge);
        Duration timeout = choices.oneIn(4) ? (choices.oneIn(2) ? Duration.ofSeconds(1) : Duration.ofMillis(50)) : null;
        call.options = new CallOptions(
                timeout,
                priorities ? choices.below(3) : 0,
                retries == 0 ? 0 : choices.below(retries + 1),
                progress && choices.oneIn(2) ? call : null,
                choices.oneIn(8) ? Duration.ofMillis(choices.oneIn(2) ? 300 : 40) : null);
        call.call = new Call<>(
                now, call.options, pool.dispatcher, SimPayloads.function(call.index, isLarge), null, null, 0);
        calls.add(call);
        int callback = callbacks ? choices.below(6) : 0;
        if (callback > 2) {
            call.call.whenComplete((_, _) -> callBack(call, callback));
        }
        return call;
    }

    private void admit(SimActor user, SimCall call, CallQueue.Turn turn, boolean calledBack) {
        boolean was = turn == null;
        int taken = checks.roomTaken() - (!was && turn.isDone() ? 1 : 0);
        // In a callback a call may have ended that the pool still counts.
        boolean full = depth > 1
                || calledBack
                || taken >= options.maxQueued()
                || was && !SimAccess.submitters(state.queue).isEmpty();
        CallQueue.Turn next;
        try {
            next = pool.dispatcher.admit(call.call, turn, false);
        } catch (RejectedExecutionException e) {
            say(user.name + " is rejected with", call.index, "");
            count(SimFault.SUBMITTER_REJECTED);
            call.rejected = true;
            call.settled = true;
            user.parked = null;
            if (state.phase == PoolState.Phase.OPEN && !full) {
                throw violation("a submitter was rejected while there was room", e.getMessage());
            }
            return;
        }
        if (next == null) {
            call.admitted = true;
            if (full && !calledBack && depth == 1 && checks.roomTaken() > Math.max(taken, options.maxQueued())) {
                throw violation("more calls wait than may", call.toString());
            }
            byId[(int) call.call.id] = call;
            user.parked = null;
            if (tracing) {
                say(user.name + " submits " + call + " as " + call.call.id
                        + (call.options.priority() != 0 ? ", priority " + call.options.priority() : ""));
            }
        } else {
            say(user.name + " waits for room with", call.index, "");
            count(SimFault.SUBMITTER_WAITS);
            user.parked = call;
            user.turn = next;
            if (!full) {
                throw violation("a submitter has to wait while there is room", "");
            }
        }
    }

    private void comeBack(SimActor user) {
        say(user.name + " comes back with its turn");
        perform(user, () -> admit(user, user.parked, user.turn, false));
    }

    // ---- callbacks

    /** A call has ended, and what a user wants to happen then does. */
    private void callBack(SimCall call, int what) {
        try {
            checkOutside();
            count(SimFault.CALLED_BACK_INTO_POOL);
            switch (what) {
                case 3 -> {
                    if (calls.size() < MAX_CALLS && allProcesses.size() < MAX_PROCESSES && faults) {
                        SimCall next = newCall();
                        var here = new SimActor(current.name + ", called back,", current.ofPool);
                        admit(here, next, null, true);
                        if (here.parked != null) {
                            next.rejected = true;
                            next.settled = true;
                            pool.dispatcher.giveUp(here.turn);
                        }
                    }
                }
                case 4 -> {
                    SimCall other = calls.get(choices.below(calls.size()));
                    if (other.admitted && !other.call.isDone()) {
                        endsByUser(other, true);
                        say("a callback cancels", other.index, "");
                        other.call.cancel(true);
                    }
                }
                default -> {
                    for (int i = faults && depth == 1 ? choices.below(5) : 0; i > 0; i--) {
                        step(true); // between the end of the future and what the pool does about it
                    }
                }
            }
        } catch (SimViolation violation) {
            if (found == null) {
                found = violation;
            }
        } catch (Throwable thrown) {
            if (found == null) {
                found = new SimViolation(thrown);
            }
        }
    }
}
