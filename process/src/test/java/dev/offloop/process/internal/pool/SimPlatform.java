package dev.offloop.process.internal.pool;

import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;

/** The platform of a simulated pool: what it does is decided by the {@link Sim}. */
final class SimPlatform implements Platform {

    private static final OutOfMemoryError NO_THREAD = new OutOfMemoryError("simulated: no thread");
    private static final long MAX_LOOK = 250 * Sim.MILLI;
    private static final long LOOK_AGAIN = 20 * Sim.MILLI;

    private final Sim sim;

    /** Whether the timer and the I/O thread exist. */
    boolean open;

    boolean closed;
    boolean streaming;

    // ---- the timer

    long timerWakesAt = NEVER;
    boolean timerRequested;

    /** How often the deadlines were looked at since anything else has happened. */
    int looksInVain;

    // ---- a look at the channels that a deadline waits for

    boolean lookPending;
    /** Whether a deadline did not wait for the I/O thread any longer. */
    boolean lookGivenUp;

    private long lookUntil;
    private long lookSince;

    SimPlatform(Sim sim) {
        this.sim = sim;
    }

    @Override
    public long now() {
        return sim.now;
    }

    @Override
    public void run(Effects effects) {
        SimActor actor = sim.current;
        for (Runnable effect = effects.poll(); effect != null; effect = effects.poll()) {
            actor.pending.add(actor.base, effect);
        }
    }

    @Override
    public void launch(Worker worker) throws IOException {
        SimActor actor = sim.current;
        sim.checkOutside();
        actor.launching = worker;
        if (closed) {
            throw new IOException("simulated: closed");
        }
        if (sim.fault(SimFault.LAUNCH_FAILS, 20)) {
            sim.startFailures++;
            throw new IOException("simulated: no process");
        }
        if (!open) {
            open = true;
            timerRequested = true;
        }
        if (sim.fault(SimFault.LAUNCH_HANGS, 40)) {
            sim.startFailures++;
            actor.pending.add(actor.base, () -> {
                actor.stuckUntil = NEVER;
                sim.say(actor.name + " hangs in a launch");
            });
        } else if (sim.fault(SimFault.LAUNCH_IS_LATE, 15)) {
            sim.startFailures++;
            long late = sim.choices.oneIn(2) ? 10 * Sim.SECOND : 20 * Sim.MILLI;
            actor.pending.add(actor.base, () -> {
                actor.stuckUntil = sim.now + late;
                sim.say(actor.name + " takes long for a launch");
            });
        }
        actor.pending.add(actor.base, () -> started(actor, worker));
    }

    private void started(SimActor actor, Worker worker) {
        SimProcess process = sim.newProcess(worker);
        sim.pool.started(worker, process);
        actor.pending.add(actor.base, () -> shakeHands(process));
    }

    private void shakeHands(SimProcess process) {
        sim.current.launching = null;
        process.knownToIo = true;
        if (sim.fault(SimFault.HANDSHAKE_THROWS, 60)) {
            sim.startFailures++;
            process.kill();
            sim.pool.gone(process.worker, new IllegalStateException("simulated"));
        } else if (sim.fault(SimFault.HANDSHAKE_FAILS, 40)) {
            process.die("ends before the handshake");
        } else {
            process.handshaken = true;
        }
    }

    @Override
    public void startThread(Job job) {
        sim.checkOutside();
        if (sim.fault(SimFault.NO_STARTER_THREAD, 25)) {
            sim.startFailures++;
            throw NO_THREAD;
        }
        sim.newActor("starter", false).job = job;
    }

    @Override
    public void startForeignCode(Job code) {
        sim.checkOutside();
        if (sim.fault(SimFault.NO_FOREIGN_THREAD, 50)) {
            sim.foreignRefused(code);
            throw NO_THREAD;
        }
        if (sim.fault(SimFault.FOREIGN_CODE_REFUSED, 50)) {
            sim.foreignRefused(code);
            throw new RejectedExecutionException("simulated");
        }
        SimActor actor = sim.newActor("foreign", true);
        actor.job = code;
        actor.foreign = true;
    }

    @Override
    public void abandon(Job code) {
        sim.checkOutside();
        for (int i = 0; i < sim.actors.size(); i++) {
            SimActor actor = sim.actors.get(i);
            if (actor.job == code) {
                actor.abandoned = true;
                if (actor.stuckUntil > sim.now || sim.isLate(code)) {
                    sim.isTooSlowToRead(code);
                }
                if (actor.stuckUntil > sim.now && sim.choices.oneIn(2)) {
                    actor.stuckUntil = sim.now;
                }
                sim.say(actor.name + " is given up");
            }
        }
    }

    @Override
    public void wakeAt(long time) {
        if (open && time < timerWakesAt) {
            timerRequested = true;
        }
    }

    /** On the timer. */
    void tick() {
        timerRequested = false;
        timerWakesAt = NEVER;
        SimActor timer = sim.timer;
        long next = sim.pool.tick();
        long due = lookPending ? Math.min(next, sim.now + LOOK_AGAIN) : next;
        if (timer.pending.isEmpty()) {
            timerWakesAt = due;
        } else {
            timer.pending.add(timer.base, () -> timerWakesAt = due);
        }
    }

    boolean isTimerDue() {
        return open && !closed && (timerRequested || timerWakesAt <= sim.now);
    }

    @Override
    public void streaming(boolean now) {
        streaming = now;
    }

    @Override
    public boolean hasReported(long time) {
        if (!open || !sim.hasUndelivered(time)) {
            return true;
        }
        if (lookPending) {
            lookUntil = Math.max(lookUntil, time);
            lookGivenUp |= sim.now - lookSince > MAX_LOOK;
            return sim.now - lookSince > MAX_LOOK;
        }
        lookPending = true;
        lookUntil = time;
        lookSince = sim.now;
        return false;
    }

    /** After each step of the I/O thread: a look is over when all was delivered. */
    void afterRound() {
        if (lookPending && sim.io.isFree() && !sim.hasUndelivered(lookUntil)) {
            lookPending = false;
            timerRequested = true;
        }
    }

    @Override
    public int processors() {
        return 2;
    }

    @Override
    public String commandInWords() {
        return "";
    }

    @Override
    public boolean isOwnThread() {
        return sim.current.ofPool;
    }

    @Override
    public void jvmShutsDown() {}

    @Override
    public void close() {
        sim.checkOutside();
        if (closed) {
            throw sim.violation("closed twice", "");
        }
        closed = true;
        sim.say("the platform closes");
        if (open) {
            sim.io.pending.add(0, sim.pool::closed);
        } else {
            sim.pool.closed();
        }
    }
}
