package dev.offloop.process.internal.io;

import dev.offloop.process.internal.pool.Worker;
import dev.offloop.process.internal.wire.Handshake;
import dev.offloop.process.internal.wire.WorkerBody;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Starts workers as threads of this JVM. */
final class ThreadLauncher implements Launcher {

    private final String pool;
    private final BiFunction<? super Handshake, ? super String, ? extends WorkerBody> bodies;

    /**
     * Of a pool.
     *
     * @param pool its name
     * @param bodies makes a worker of a handshake and a name
     */
    ThreadLauncher(String pool, BiFunction<? super Handshake, ? super String, ? extends WorkerBody> bodies) {
        this.pool = pool;
        this.bodies = bodies;
    }

    @Override
    public Process launch(Worker worker, @Nullable MemoryGroup group, PoolFolder folder, List<String> faster) {
        return new ThreadProcess(nameOf(worker));
    }

    private String nameOf(Worker worker) {
        return pool + "-worker-" + worker.index();
    }

    @Override
    public void shakeHands(Worker worker, Process process, PoolFolder folder, String token) {
        if (process instanceof ThreadProcess thread) {
            thread.start(bodies.apply(Launcher.handshake(worker, folder, token), nameOf(worker)));
        }
    }

    @Override
    public String inWords() {
        return ". It is a thread of this JVM (see Builder.inProcess)";
    }
}
