package dev.offloop.process.internal.worker;

import dev.offloop.process.internal.wire.SharedStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Ends this process when its parent has ended, whatever else goes on in it. Gives the parent signs of life at the same
 * interval.
 */
final class ParentWatch implements Runnable {

    private static final long LOOK_MILLIS = 250;
    private static final int LAST_LOOKS = 4;
    private static final int ORPHANED = 70;

    private final long parent;
    private final boolean direct;
    private final PoolFolder folder;
    private final FutureTask<SharedStatus> status;

    /**
     * Of a parent.
     *
     * @param parent its process id
     * @param folder the pool's folder, which a parent that was killed leaves behind
     * @param status where the signs of life go
     */
    ParentWatch(long parent, PoolFolder folder, Path status) {
        this.status = new FutureTask<>(() -> SharedStatus.open(status));
        this.parent = parent;
        this.folder = folder;
        this.direct = isParentOfThis(parent);
    }

    /** The status, when it has been opened. */
    SharedStatus status() throws IOException {
        while (true) {
            try {
                return status.get();
            } catch (ExecutionException e) {
                throw new IOException("The status of this worker cannot be opened", e.getCause());
            } catch (InterruptedException e) {
                // there is no function yet that it could be for
            }
        }
    }

    @Override
    public void run() {
        status.run(); // here, since it takes as long as all else that a worker does before its first call
        while (!direct || isParentOfThis(parent)) { // behind a command prefix only the connections end with the parent
            if (status.state() == Future.State.SUCCESS) {
                status.resultNow().beat();
            }
            pause();
        }
        end();
    }

    /**
     * Ends this process: the parent has hung up, or cannot be reached. Deletes the pool's folder if the parent has
     * died.
     */
    void end() {
        try {
            if (hasDied(folder) || (direct && !isParentOfThis(parent))) {
                folder.delete();
            }
        } finally {
            Runtime.getRuntime().halt(ORPHANED); // an orderly end would serve no process any more
        }
    }

    /**
     * Ends this process: its standard input has ended before the handshake, so all that it knows is its command line.
     */
    static void endWithoutHandshake() {
        try {
            PoolFolder folder = PoolFolder.ofThisProcess();
            if (folder != null && folder.exists() && hasDied(folder)) {
                folder.delete();
            } else {
                System.err.println("This worker process has read no handshake from its standard input."
                        + " If it was started with a command prefix, that has to pass its standard input on.");
                System.err.flush();
            }
        } finally {
            Runtime.getRuntime().halt(ORPHANED);
        }
    }

    /**
     * Whether a parent that has hung up did so by dying. Its connections may end a moment before it listens no more.
     */
    private static boolean hasDied(PoolFolder folder) {
        boolean died = folder.isAbandoned();
        for (int looks = 1; !died && looks < LAST_LOOKS; looks++) {
            pause();
            died = folder.isAbandoned();
        }
        return died;
    }

    private static boolean isParentOfThis(long pid) {
        Optional<ProcessHandle> now = ProcessHandle.current().parent();
        return now.isPresent() && now.get().pid() == pid;
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            // a function's doing, at most: it only makes the look come sooner
        }
    }
}
