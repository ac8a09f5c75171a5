package dev.offloop.process.worker;

import dev.offloop.process.wire.WorkerNote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

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
    private final FutureTask<WorkerNote> note;
    private volatile boolean controlEnded;
    private final @Nullable Path folder;

    /**
     * Of a parent.
     *
     * @param parent its process id
     * @param folder the pool's folder, which a parent that was killed leaves behind
     * @param note where the signs of life go
     */
    ParentWatch(long parent, @Nullable Path folder, Path note) {
        this.note = new FutureTask<>(() -> WorkerNote.open(note));
        this.parent = parent;
        this.folder = folder;
        this.direct = isParentOfThis(parent);
    }

    /** The note, when it has been opened. */
    WorkerNote note() throws IOException {
        try {
            return note.get();
        } catch (ExecutionException e) {
            throw new IOException("The note of this worker cannot be opened", e.getCause());
        } catch (InterruptedException e) {
            throw new IOException("Interrupted before there was a function to interrupt", e);
        }
    }

    /** The control stream has ended, which it does with the parent. */
    void controlEnded() {
        controlEnded = true;
        end();
    }

    @Override
    public void run() {
        note.run(); // here, since it takes as long as all else that a worker does before its first call
        while (hasParent()) {
            if (note.state() == Future.State.SUCCESS) {
                note.resultNow().beat();
            }
            pause();
        }
        end();
    }

    /** Ends this process: the parent has hung up. If it did so by dying, the system says so within a moment. */
    void end() {
        try {
            for (int looks = 0; hasParent() && looks < LAST_LOOKS; looks++) {
                pause();
            }
            if (!hasParent() && folder != null) {
                delete(folder);
            }
        } finally {
            Runtime.getRuntime().halt(ORPHANED); // nobody is left who could use an orderly end
        }
    }

    /** Behind a command prefix, a sandbox say, the parent is somebody else: there only the streams tell. */
    private boolean hasParent() {
        return direct ? isParentOfThis(parent) : !controlEnded;
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

    private static void delete(Path folder) {
        try (var files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // another worker was quicker
        }
    }
}
