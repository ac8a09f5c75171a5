package dev.offloop.process.internal.pool;

import dev.offloop.process.CallOptions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A call, with all that really happened to it, which the pool cannot know. Sets of processes are bits of their index.
 */
final class SimCall implements Consumer<@Nullable Object> {

    final Sim sim;
    final int index;
    final boolean large;
    Call<Object> call;
    CallOptions options;
    boolean admitted;
    boolean rejected;
    boolean settled;
    boolean endedByUser;

    /** Whether the user wants the function to be interrupted. */
    boolean interrupts;

    boolean timedOut;

    /** The check that has seen it last. */
    int seen;

    boolean inQueue;

    /** Whether it waited before the last step and after it. */
    boolean stays;

    /** Whether it was given to a worker in the last step. */
    boolean given;

    /** Where it was when that was last looked at. */
    Worker worker;

    long number;
    long assignedAt;

    // ---- what really happened

    long assigned;
    long begun;
    long answered;
    boolean failureSent;

    /** The processes whose answer the pool has received. */
    long received;

    /** Whether the pool has received where it was when its time was over. */
    boolean dumpReceived;

    /** How much progress the process has sent that has begun it last. */
    int progressSent;

    /** The process whose progress was heard last, and how much of it. */
    int heardFrom = -1;

    int heard;

    SimCall(Sim sim, int index, boolean large) {
        this.sim = sim;
        this.index = index;
        this.large = large;
    }

    /** Progress: its place in the progress of the process, and the process. */
    @Override
    public void accept(@Nullable Object value) {
        if (value instanceof Long progress && progress >= 0) {
            int process = (int) (progress & 63);
            int place = (int) (progress >> 6);
            if (process != heardFrom) {
                heardFrom = process;
                heard = 0;
            }
            if (place != heard + 1) {
                throw sim.violation("progress out of order", "call " + index + " heard " + place + " after " + heard);
            }
            heard = place;
        }
    }

    @Override
    public String toString() {
        return "call " + index;
    }
}
