package dev.offloop.process.internal.pool;

import dev.offloop.internal.util.Nanos;
import dev.offloop.process.CallTimeoutException;
import dev.offloop.process.NotTransferableException;
import dev.offloop.process.PoolStatistics;
import dev.offloop.process.SessionEndedException;
import dev.offloop.process.WorkerCrashedException;
import dev.offloop.process.WorkerEnd;
import dev.offloop.process.WorkerOutOfMemoryException;
import dev.offloop.process.WorkerStartException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What must hold of a simulated pool: after each step, whenever nothing can go on but time, and at the end. */
final class SimChecks {

    private final Sim sim;
    private final PoolState state;
    private final PoolOptions options;
    private int stamp;
    private boolean warmingUp;

    SimChecks(Sim sim) {
        this.sim = sim;
        this.state = sim.state;
        this.options = sim.options;
    }

    private SimViolation violation(String kind, Object details) {
        return sim.violation(kind, String.valueOf(details));
    }

    // ---- after each step

    void afterStep() {
        stamp++;
        boolean midway = sim.depth > 0 || isAnythingPending();
        workers();
        int live = queue();
        if (live > 0 && !state.idle.isEmpty() && state.mayServe()) {
            throw violation("a call waits while a worker is idle", state.idle);
        }
        boolean assigned = calls(midway);
        if (assigned) {
            order();
        }
        if (sim.depth == 0
                && !SimAccess.submitters(state.queue).isEmpty()
                && live + SimAccess.promised(state.queue) < options.maxQueued()) {
            throw violation("a submitter waits while there is room", "");
        }
        if (SimAccess.promised(state.queue) < 0) {
            throw violation("more turns came back than there were", "");
        }
        warmUps();
        for (int i = 0; i < sim.calls.size(); i++) {
            SimCall call = sim.calls.get(i);
            if (!call.settled && call.call.isDone()) {
                settle(call);
            }
        }
    }

    private void warmUps() {
        boolean now = !SimAccess.warmUps(sim.pool.starter).isEmpty();
        if (warmingUp
                && !now
                && state.phase == PoolState.Phase.OPEN
                && state.workers.size() < options.maxProcesses()
                && sim.liars == 0
                && sim.startFailures == sim.crashesAtStart
                && sim.crashesAtStart < WorkerEnds.MAX_FAILED_ATTEMPTS) {
            throw violation("a warm-up has ended with too few workers", state.workers);
        }
        if (warmingUp && !now && state.phase == PoolState.Phase.OPEN && sim.startFailures == 0 && sim.liars == 0) {
            noneStarts();
        }
        warmingUp = now;
    }

    /** Just after a warm-up has begun, and may have ended at once. */
    void afterWarmUp() {
        if (SimAccess.warmUps(sim.pool.starter).isEmpty()) {
            noneStarts();
        }
    }

    private void noneStarts() {
        for (Worker worker : state.workers) {
            if (worker.state().isStarting()) {
                throw violation("a warm-up has ended while a worker starts", worker);
            }
        }
    }

    private boolean isAnythingPending() {
        for (int i = 0; i < sim.actors.size(); i++) {
            SimActor actor = sim.actors.get(i);
            if (!actor.pending.isEmpty() || actor.foreign && actor.job != null && !(actor.job instanceof Mailbox)) {
                return true; // the latter looks for reports of a crash
            }
        }
        return false;
    }

    private void workers() {
        int idle = 0;
        int staying = 0;
        int serving = 0;
        int indexes = 0;
        for (Worker worker : state.workers) {
            WorkerState is = worker.state();
            indexes = index(worker, indexes);
            ArrayDeque<Call<?>> calls = SimAccess.calls(worker.pipeline);
            boolean liar = worker.link instanceof SimProcess process && process.liar;
            switch (is) {
                case IDLE -> {
                    idle++;
                    if (worker.link instanceof SimProcess process) {
                        process.waitsSince = sim.now;
                    }
                    if (!calls.isEmpty() || !state.idle.contains(worker)) {
                        throw violation("a worker is idle and has a call, or is not on the stack", worker);
                    }
                }
                case STARTING, INITIALIZING, RETIRING -> {
                    if (!calls.isEmpty()) {
                        throw violation("a worker that gets no calls has one", worker);
                    }
                }
                case BUSY, CANCELLING -> {
                    if (calls.isEmpty() && !liar) {
                        throw violation("a worker is busy without a call", worker);
                    }
                    if (is == WorkerState.CANCELLING
                            && worker.killAt == Platform.NEVER
                            && options.cancelGrace() != Platform.NEVER) {
                        throw violation("a worker that cancels is never killed", worker);
                    }
                }
                case KILLED -> {
                    if (worker.end == WorkerEnd.PROTOCOL_ERROR
                            && !liar
                            && !((SimProcess) worker.link).unreadable
                            && !sim.platform.lookGivenUp) {
                        throw violation("a worker was killed for what it has not sent", worker + worker.details);
                    }
                }
                case ENDED -> sim.count(SimFault.PROCESS_ENDED_WHILE_READ);
                case GONE -> throw violation("a worker that is gone is in the pool", worker);
            }
            if (!is.isEnding()) {
                staying++;
                serving += calls.isEmpty() ? 0 : 1;
            }
            long last = 0;
            for (Call<?> call : calls) {
                if (call.worker != worker || call.number <= last) {
                    throw violation("a call in a pipeline has another worker, or is out of order", call.id);
                }
                last = call.number;
                SimCall truth = sim.byId[(int) call.id];
                if (truth != null) {
                    truth.seen = stamp;
                }
            }
        }
        if (idle != state.idle.size()) {
            throw violation("the stack of idle workers has others than the idle ones", state.idle);
        }
        if (serving > options.maxWorkers()) {
            throw violation("more workers run calls than may", state.workers);
        }
        if (staying > options.maxProcesses()) {
            throw violation("there are more workers than there may be", state.workers);
        }
    }

    /** No two workers have one index, but for those that end, and not even those if indexes are exclusive. */
    private int index(Worker worker, int others) {
        int index = worker.index < 0 ? -1 : worker.index - options.firstIndex();
        if (worker.index < 0 ? worker.link != null : index < 0 || index >= options.maxProcesses()) {
            throw violation("a worker has an index that there is not", worker + " index " + worker.index);
        }
        if (worker.index < 0
                || worker.is(WorkerState.ENDED)
                || worker.state().isEnding() && !options.exclusiveIndexes()) {
            return others;
        }
        if ((others & 1 << index) != 0) {
            throw violation("two workers have the same index", worker + " index " + worker.index);
        }
        return others | 1 << index;
    }

    /** Returns how many calls wait that have not ended. */
    private int queue() {
        int live = 0;
        int all = 0;
        int priority = Integer.MAX_VALUE;
        for (var line : SimAccess.lines(state.queue).entrySet()) {
            long last = 0;
            if (line.getValue().isEmpty() || line.getKey() >= priority) {
                throw violation("the lines of the queue are out of order", line);
            }
            priority = line.getKey();
            for (Call<?> call : line.getValue()) {
                if (call.id <= last || call.options.priority() != priority) {
                    throw violation("the queue is out of order", call.id);
                }
                last = call.id;
                if (call.worker != null) {
                    throw violation("a call that waits has a worker", call.id);
                }
                if (!call.isDone()) {
                    live++;
                }
                all++;
                SimCall truth = sim.byId[(int) call.id];
                if (truth != null) {
                    if (truth.seen == stamp) {
                        throw violation("a call is at two places", call.id);
                    }
                    truth.seen = stamp;
                }
            }
        }
        if (all != state.queue.size()) {
            throw violation("the size of the queue is wrong", all);
        }
        return live;
    }

    int roomTaken() {
        int live = 0;
        for (ArrayDeque<Call<?>> line : SimAccess.lines(state.queue).values()) {
            for (Call<?> call : line) {
                if (!call.isDone()) {
                    live++;
                }
            }
        }
        return live + SimAccess.promised(state.queue);
    }

    /** Returns whether any was given to a worker in this step. */
    private boolean calls(boolean midway) {
        boolean any = false;
        for (int i = 0; i < sim.calls.size(); i++) {
            SimCall call = sim.calls.get(i);
            if (call.settled || !call.admitted) {
                continue;
            }
            Worker worker = call.call.worker;
            boolean waits = false;
            call.given = false;
            if (call.call.timedOut && !call.timedOut) {
                call.timedOut = true;
                timesOut(call, worker);
            }
            if (worker != null) {
                if (call.seen != stamp && state.workers.contains(worker)) {
                    throw violation("a call is not in the pipeline of its worker", call);
                }
                if (worker != call.worker || call.call.number != call.number) {
                    call.number = call.call.number;
                    call.assignedAt = sim.now;
                    call.given = true;
                    if (worker.link instanceof SimProcess process) {
                        call.assigned |= process.bit;
                    }
                    any = true;
                }
            } else if (call.seen == stamp) {
                waits = true;
            } else if (!midway && !call.call.isDone()) {
                throw violation("a call is lost", call);
            }
            call.stays = waits && call.inQueue;
            call.inQueue = waits;
            call.worker = worker;
        }
        return any;
    }

    /** A deadline waits until all was read that had arrived by then. */
    private void timesOut(SimCall call, Worker worker) {
        if (call.worker != null && call.worker.link instanceof SimProcess process) {
            process.wasTooSlowToRead = true; // answers that wait behind this one are lost with their worker
        }
        if (worker != null
                && worker.is(WorkerState.CANCELLING)
                && worker.link instanceof SimProcess process
                && !process.paused
                && !process.killed
                && !sim.platform.lookGivenUp
                && process.hasUndeliveredAnswer(call.number, worker.callDeadline)) {
            throw violation("a call has timed out whose answer had arrived", call);
        }
    }

    /** A call that was given to a worker precedes those that waited and still do. */
    private void order() {
        for (int i = 0; i < sim.calls.size(); i++) {
            SimCall given = sim.calls.get(i);
            if (given.settled || !given.given) {
                continue;
            }
            given.given = false;
            for (int j = 0; j < sim.calls.size(); j++) {
                SimCall other = sim.calls.get(j);
                if (!other.settled && other.stays && !other.call.isDone() && precedes(other, given)) {
                    throw violation("a call overtakes another", given + " overtakes " + other);
                }
            }
        }
    }

    private static boolean precedes(SimCall one, SimCall other) {
        int by = Integer.compare(one.options.priority(), other.options.priority());
        return by > 0 || by == 0 && one.call.id < other.call.id;
    }

    // ---- outcomes

    private void settle(SimCall call) {
        call.settled = true;
        if (call.endedByUser) {
            return;
        }
        if (!call.admitted) {
            throw violation("a call has ended that was not admitted", call);
        }
        sim.say("call", call.index, "has ended");
        if ((call.assigned & sim.liars) != 0) {
            return;
        }
        switch (call.call.state()) {
            case SUCCESS -> value(call, call.call.resultNow());
            case CANCELLED -> {
                if (!sim.stopped && state.phase != PoolState.Phase.STOPPED) {
                    throw violation("a call was cancelled without a reason", call);
                }
            }
            case FAILED -> failure(call, call.call.exceptionNow());
            case RUNNING -> throw new IllegalStateException();
        }
    }

    private void value(SimCall call, Object value) {
        Object plain = value instanceof List<?> list ? list.getFirst() : value;
        if (!(plain instanceof Long answer)
                || answer >> 6 != call.index
                || (call.answered & 1L << (answer & 63)) == 0) {
            throw violation("a call has a value that no process has sent for it", call + " " + value);
        }
        sim.count(SimFault.CALL_ANSWERED);
        int process = (int) (answer & 63);
        if (call.options.progressListener() != null && process != SimPayloads.ANY_PROCESS) {
            int heard = call.heardFrom == process ? call.heard : 0;
            if (heard != call.progressSent) {
                throw violation("a call has ended before all of its progress was heard", call + " " + heard);
            }
        }
    }

    private void failure(SimCall call, Throwable failure) {
        switch (failure) {
            case WorkerOutOfMemoryException memory -> {
                SimProcess process = sim.allProcesses.get((int) memory.pid());
                if (!call.large || process.maxHeap > SimPayloads.LARGE && !process.heapWasFull) {
                    throw violation("a call has failed for memory without a reason", call);
                }
            }
            case WorkerCrashedException crash -> crashed(call, sim.allProcesses.get((int) crash.pid()), crash);
            case CallTimeoutException _ -> {
                sim.count(SimFault.CALL_TIMED_OUT);
                long timeout = Math.min(sim.pool.dispatcher.timeoutOf(call.call), call.call.cpuLimit());
                if (call.begun == 0 || sim.now - call.assignedAt < timeout - Sim.MICRO) {
                    throw violation("a call has timed out too early", call + " after " + (sim.now - call.assignedAt));
                }
            }
            case WorkerStartException _ -> {
                if (sim.startFailures == 0) {
                    throw violation("a call has failed since no worker starts, and no start has failed", call);
                }
            }
            case SessionEndedException _ -> {
                sim.count(SimFault.SESSION_ENDED);
                if (!options.endsWithWorker() || sim.dead == 0) {
                    throw violation("a call has failed for the end of a session that has not ended", call);
                }
            }
            case NotTransferableException _ -> {
                if ((call.assigned & sim.unreadable) == 0) {
                    throw violation("a call has failed for frames that could be read", call + " " + failure);
                }
            }
            case IllegalStateException e
            when SimPayloads.FAILURE_MESSAGE.equals(e.getMessage()) -> {
                if (!call.failureSent) {
                    throw violation("a call has a failure that no process has sent for it", call);
                }
            }
            default -> throw violation("a call has failed with " + failure.getClass(), failure);
        }
    }

    private void crashed(SimCall call, SimProcess process, WorkerCrashedException crash) {
        if (process.alive && !process.killed) {
            throw violation("a call has failed with the crash of a process that lives", call);
        }
        if ((call.begun & process.bit) != 0) {
            if ((call.received & process.bit) != 0
                    && process.worker.end == null
                    && !process.killed
                    && !process.unreadable
                    && !process.wasTooSlowToRead) {
                throw violation("a call has failed with a crash, and its answer was received", call);
            }
            int crashes = Long.bitCount(call.begun & sim.dead);
            if (crashes <= call.options.retriesOnCrash()) {
                throw violation("a call was not repeated", call + " after " + crashes + " crashes");
            }
        } else if (Long.bitCount(call.assigned & sim.dead & ~call.begun) < WorkerEnds.MAX_FAILED_ATTEMPTS) {
            throw violation("a call has failed with a crash, and was not begun", call + crash.getMessage());
        }
    }

    // ---- when nothing can go on but time

    void whenAtRest() {
        long now = sim.now;
        long due = state.jvmShutdownDeadline;
        int waiting = state.queue.waiting();
        int staying = 0;
        int starting = 0;
        boolean launchHangs = false;
        for (int i = 0; i < sim.actors.size(); i++) {
            launchHangs |= sim.actors.get(i).launching != null;
        }
        for (Worker worker : state.workers) {
            staying += worker.state().isEnding() ? 0 : 1;
            starting += worker.state().isStarting() ? 1 : 0;
            SimProcess process = (SimProcess) worker.link;
            switch (worker.state()) {
                case INITIALIZING -> {
                    due = Math.min(due, Math.min(worker.startDeadline, worker.killAt));
                    if (process.initializerHasFailed && !process.liar && !worker.mailbox.isRunning()) {
                        throw violation("a worker whose initializer has failed goes on", worker);
                    }
                }
                case STARTING -> due = Math.min(due, Math.min(worker.startDeadline, worker.killAt));
                case IDLE -> {
                    if (state.idle.size() > options.spareWorkers() && worker == state.idle.getFirst()) {
                        due = Math.min(due, Nanos.after(worker.idleSince, options.idleTimeout()));
                    }
                }
                case BUSY -> due = Math.min(due, Math.min(busy(worker, process), slow(worker, process)));
                case CANCELLING, RETIRING -> due = Math.min(due, worker.killAt);
                case KILLED -> {
                    if (process != null ? !process.killed || process.knownToIo : !launchHangs) {
                        throw violation("the end of a killed worker does not come", worker);
                    }
                }
                case ENDED -> {
                    starting += worker.wasReady ? 0 : 1; // it is being read why it does not start
                    staying += worker.wasReady ? 0 : 1;
                    long over = worker.wasReady ? reading(worker) : Math.min(worker.startDeadline, worker.killAt);
                    due = Math.min(due, Math.min(over, slow(worker, process)));
                    if (worker.wasReady && allDone(worker)) {
                        throw violation("a worker has ended, and nobody waits for what is read of it", worker);
                    }
                    if (!worker.mailbox.isRunning()) {
                        throw violation("a worker has ended, and nothing of it is read", worker);
                    }
                }
                case GONE -> {}
            }
        }
        if (due < sim.platform.timerWakesAt && sim.platform.open && !sim.platform.closed && !sim.platform.lookPending) {
            throw violation("a deadline is not kept", "it is " + now + ", due is " + due);
        }
        boolean ends = state.hadItsWorker(); // what waits is told when the end of its worker is known
        if (waiting > 0 && staying == 0 && !ends) {
            throw violation("calls wait, and no worker serves or starts", waiting);
        }
        if (state.phase == PoolState.Phase.OPEN
                && staying > 0
                && starting + state.idle.size() < options.spareWorkers()
                && sim.startFailures == 0) {
            throw violation("there is no spare worker", state.workers);
        }
        if (waiting > 0 && starting == 0 && !ends && staying < options.maxWorkers() && sim.startFailures == 0) {
            throw violation("calls wait, and a worker that there may be is not started", waiting);
        }
        for (int i = 0; i < sim.calls.size(); i++) {
            SimCall call = sim.calls.get(i);
            if (call.dumpReceived && !call.settled && (call.assigned & sim.liars) == 0) {
                throw violation("a call goes on although its time is over and it is known where it was", call);
            }
        }
        if (!SimAccess.warmUps(sim.pool.starter).isEmpty() && starting == 0) {
            throw violation("a warm-up waits, and no worker starts", "");
        }
    }

    private static boolean allDone(Worker worker) {
        for (Call<?> call : SimAccess.calls(worker.pipeline)) {
            if (!call.isDone()) {
                return false;
            }
        }
        return true;
    }

    /**
     * When the answer that is being read is late. A call that was cancelled, or whose time was over, before has its
     * grace.
     */
    private static long reading(Worker worker) {
        return worker.killAt == Platform.NEVER ? worker.callDeadline : Math.max(worker.callDeadline, worker.killAt);
    }

    /** When the call that a worker runs is late. */
    private long busy(Worker worker, SimProcess process) {
        Call<?> head = worker.pipeline.head();
        if (head == null) {
            return Platform.NEVER;
        }
        boolean read = SimAccess.answered(worker.pipeline) > 0;
        if (read && !worker.mailbox.isRunning()) {
            throw violation("an answer is not read", worker);
        }
        if (!read
                && process.alive
                && !process.isAtNoEnd()
                && !process.silent
                && !process.paused
                && !process.has(head.number)) {
            throw violation("a worker has a call that its process does not have", worker + " call " + head.id);
        }
        SimCall truth = sim.byId[(int) head.id];
        if (truth.interrupts && worker.is(WorkerState.BUSY) && !read && !process.liar && process.alive) {
            throw violation("a call that was cancelled runs on", truth);
        }
        if (process.alive
                && !process.liar
                && !process.inbox.isEmpty()
                && head.number > process.status()
                && options.heartbeatTimeout() != Platform.NEVER
                && sim.now
                        > Math.max(process.waitsSince, sim.fairSince)
                                + Supervisor.UNRESPONSIVE_NANOS
                                + 20 * Sim.MILLI) {
            throw violation("a worker that does not respond is not killed", worker);
        }
        CpuBudget budget = worker.cpuBudget;
        return Math.min(worker.callDeadline, budget == null ? Platform.NEVER : budget.lookAt());
    }

    /** When calls that wait behind another are to be taken back. */
    private static long slow(Worker worker, SimProcess process) {
        Call<?> last = SimAccess.calls(worker.pipeline).peekLast();
        if (last == null || !worker.pipeline.hasWaiting() || process.liar || last.number <= process.status()) {
            return Platform.NEVER;
        }
        return worker.pipeline.slowAt();
    }

    boolean isAllSettled() {
        for (int i = 0; i < sim.calls.size(); i++) {
            if (!sim.calls.get(i).settled) {
                return false;
            }
        }
        return SimAccess.warmUps(sim.pool.starter).isEmpty();
    }

    // ---- after a time in which all could go on

    /** All calls have ended, or run in a process that does not end them. */
    void allCallsEnded() {
        boolean held = true;
        int staying = 0;
        for (Worker worker : state.workers) {
            if (!worker.state().isEnding()) { // an ended one does not keep calls waiting
                staying++;
                held &= isHeld(worker) || worker.is(WorkerState.IDLE) && !state.mayServe();
            }
        }
        for (int i = 0; i < sim.calls.size(); i++) {
            SimCall call = sim.calls.get(i);
            if (call.settled) {
                continue;
            }
            Worker worker = call.call.worker;
            if (worker == null) {
                if (state.hadItsWorker() && state.workers.stream().anyMatch(this::isHeld)) {
                    continue;
                }
                if (!held || staying == 0 || staying < options.maxWorkers() && sim.startFailures == 0) {
                    throw violation("a call waits for ever", call);
                }
            } else if (!isHeld(worker)) {
                throw violation("a call does not end", call + " in " + worker);
            }
        }
    }

    /** Whether a worker's call has no timeout and does not end, or its answer cannot be read. */
    private boolean isHeld(Worker worker) {
        Call<?> head = worker.pipeline.head();
        if (head != null
                && options.heartbeatTimeout() == Platform.NEVER
                && (((SimProcess) worker.link).isAtNoEnd() || ((SimProcess) worker.link).silent)
                && head.number > ((SimProcess) worker.link).status()) {
            return true; // its time has not begun, and a worker that is stopped for ever is wanted
        }
        if (head == null
                || sim.pool.dispatcher.timeoutOf(head) != Platform.NEVER
                || (head.cpuLimit() != Platform.NEVER && !worker.is(WorkerState.ENDED))) { // that uses none
            return false;
        }
        for (int i = 0; i < sim.actors.size(); i++) {
            SimActor actor = sim.actors.get(i);
            if (actor.job == worker.mailbox && actor.stuckUntil == Platform.NEVER) {
                return true;
            }
        }
        SimProcess process = (SimProcess) worker.link;
        return process.silent ? options.heartbeatTimeout() == Platform.NEVER : process.isAtNoEnd();
    }

    // ---- at the end

    void atEnd() {
        if (!sim.pool.isTerminated()) {
            throw violation("the pool does not terminate", state.workers);
        }
        if (!state.workers.isEmpty() || !state.queue.isEmpty() || !state.idle.isEmpty()) {
            throw violation("the pool has terminated and is not empty", state.workers);
        }
        for (int i = 0; i < sim.calls.size(); i++) {
            SimCall call = sim.calls.get(i);
            if (!call.settled) {
                throw violation("a call has not ended with its pool", call);
            }
        }
        for (int i = 0; i < sim.allProcesses.size(); i++) {
            SimProcess process = sim.allProcesses.get(i);
            if (process.alive) {
                throw violation("a process has survived its pool", process.index);
            }
        }
        for (CompletableFuture<?> warmUp : sim.warmUps) {
            if (!warmUp.isDone()) {
                throw violation("a warm-up has not ended", "");
            }
            if (warmUp.isCompletedExceptionally()
                    && warmUp.exceptionNow() instanceof WorkerStartException
                    && sim.startFailures == 0) {
                throw violation("a warm-up has failed without a reason", warmUp.exceptionNow());
            }
        }
        for (int i = 0; i < sim.actors.size(); i++) {
            SimActor actor = sim.actors.get(i);
            if (actor.foreign && !actor.abandoned) {
                throw violation("foreign code was not given up", actor.name);
            }
            if (actor.parked != null) {
                throw violation("a submitter waits for a pool that has terminated", actor.name);
            }
        }
        if (SimAccess.promised(state.queue) != 0
                || !SimAccess.submitters(state.queue).isEmpty()) {
            throw violation("a turn was not given back", SimAccess.promised(state.queue));
        }
        if (sim.platform.streaming || SimAccess.deepPipelines(sim.pool.dispatcher) != 0) {
            throw violation("the pool has terminated and answers stream", "");
        }
        PoolStatistics statistics = sim.pool.statistics();
        long ended = 0;
        for (long each : statistics.ended().values()) {
            ended += each;
        }
        if (statistics.started() != ended || statistics.workers() != 0 || statistics.busy() != 0) {
            throw violation("the statistics do not add up", statistics);
        }
    }
}
