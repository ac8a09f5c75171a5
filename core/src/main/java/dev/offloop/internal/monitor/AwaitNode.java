package dev.offloop.internal.monitor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task, or what one awaits.
 *
 * @param name what it is: {@code task main}, {@code an offloaded function}
 * @param state what it does: {@code awaits}, {@code runs on thread offloop-pool-1-0}; empty if there is nothing to say
 * @param frames the user's frames where it is, innermost first
 * @param creator which task created it; null if none did
 * @param remote what to ask for its frames, if it runs in another process
 * @param below what it waits for
 */
public record AwaitNode(
        String name,
        String state,
        List<String> frames,
        @Nullable String creator,
        @Nullable RemoteWork remote,
        List<AwaitNode> below) {

    /** Something that has no place of its own. */
    public AwaitNode(String name, String state) {
        this(name, state, List.of(), null, null, List.of());
    }

    /** Whether it fits into the line of the one that waits for it. */
    boolean isBrief() {
        return state.isEmpty() && frames.isEmpty() && below.isEmpty() && remote == null;
    }

    AwaitNode with(List<String> frames, List<AwaitNode> below) {
        return new AwaitNode(name, state, frames, creator, null, below);
    }
}
