package dev.offloop.process.worker;

import dev.offloop.process.wire.WorkerNote;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Ends this process when its parent has ended, whatever else goes on in it. Tells the parent by the same clock that this
 * process lives.
 */
final class ParentWatch implements Runnable {

    private static final long LOOK_MILLIS = 250;
    private static final int LAST_LOOKS = 4;
    private static final int ORPHANED = 70;

    private final long parent;
    private final boolean direct;
    private final PoolFolder folder;
    private final FutureTask<WorkerNote> note;

    /**
     * Of a parent.
     *
     * @param parent its process id
     * @param folder the pool's folder, which a parent that was killed leaves behind
     * @param note where the signs of life go
     */
    ParentWatch(long parent, PoolFolder folder, Path note) {
        this.note = new FutureTask<>(() -> WorkerNote.open(note));
        this.parent = parent;
        this.folder = folder;
        this.direct = isParentOfThis(parent);
    }

    /** The note, when it has been opened. */
    WorkerNote note() throws IOException {
        while (true) {
            try {
                return note.get();
            } catch (ExecutionException e) {
                throw new IOException("The note of this worker cannot be opened", e.getCause());
            } catch (InterruptedException e) {
                // there is no function yet that it could be for
            }
        }
    }

    @Override
    public void run() {
        note.run(); // here, since it takes as long as all else that a worker does before its first call
        while (!direct || isParentOfThis(parent)) { // behind a command prefix only the connections end with the parent
            if (note.state() == Future.State.SUCCESS) {
                note.resultNow().beat();
            }
            pause();
        }
        end();
    }

    /** Ends this process: the parent has hung up, or cannot be reached. Deletes the pool's folder if the parent has died. */
    void end() {
        try {
            if (hasDied(folder) || (direct && !isParentOfThis(parent))) {
                folder.delete();
            }
        } finally {
            Runtime.getRuntime().halt(ORPHANED); // nobody is left who could use an orderly end
        }
    }

    /** Ends this process: its standard input has ended before the handshake, so all that it knows is its command line. */
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

    /** Whether a parent that has hung up did so by dying. Its connections may end a moment before it listens no more. */
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
