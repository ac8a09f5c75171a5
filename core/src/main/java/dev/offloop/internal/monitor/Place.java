package dev.offloop.internal.monitor;

import dev.offloop.monitor.SlowStep;
import org.jspecify.annotations.Nullable;

/**
 * Says where in the user's code a step was slow, and why.
 *
 * @param frame the innermost frame of the user's code; null if there is none
 * @param cause why it did not end
 * @param wholeTurn whether it is the place that was met most often in a turn of many steps
 */
record Place(@Nullable StackTraceElement frame, SlowStep.Cause cause, boolean wholeTurn) {

    Place ofTurn() {
        return new Place(frame, cause, true);
    }
}
