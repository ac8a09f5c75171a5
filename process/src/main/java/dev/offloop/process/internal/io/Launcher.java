package dev.offloop.process.internal.io;

import dev.offloop.process.internal.pool.Worker;
import dev.offloop.process.internal.wire.Handshake;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts workers: as processes, or as threads. */
interface Launcher {

    /**
     * Starts a worker. Blocks for some milliseconds.
     *
     * @param group limits its memory; null for none
     * @param faster arguments that make it start faster
     */
    Process launch(Worker worker, @Nullable MemoryGroup group, PoolFolder folder, List<String> faster)
            throws IOException;

    /** Says which worker it is. It connects after that. */
    void shakeHands(Worker worker, Process process, PoolFolder folder, String token) throws IOException;

    /** How workers are started, in words that follow what went wrong with one. */
    String inWords();

    /** What a worker needs to connect. */
    static Handshake handshake(Worker worker, PoolFolder folder, String token) {
        return new Handshake(
                folder.socket().toString(),
                folder.status(worker.number).toString(),
                worker.number,
                worker.index(),
                token,
                ProcessHandle.current().pid());
    }
}
