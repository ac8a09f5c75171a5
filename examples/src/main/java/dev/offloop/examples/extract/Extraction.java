package dev.offloop.examples.extract;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.gatherOutcomes;
import static dev.offloop.Async.shield;
import static dev.offloop.Async.toThread;

import dev.offloop.CancelledError;
import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Task;
import dev.offloop.process.ProcessPoolExecutor;
import dev.offloop.process.WorkerStartException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The job itself, one coroutine and its helpers.
 *
 * <p>Each kind of blocking work has its own place: walking folders goes to a thread of the default executor, reading a
 * PDF to a worker process, writing a row to the database's two threads. What is left on the loop is a few lanes that
 * lead files through these places, the progress bar, and the heartbeat that measures whether any of it delayed the
 * loop.
 */
final class Extraction {

    private final Totals totals = new Totals();
    private final Heartbeat heartbeat = new Heartbeat();
    private final Set<Future<?>> writes = new LinkedHashSet<>();
    private final ProcessPoolExecutor workers;
    private final Database database;
    private final int lanes;

    /** Two lanes for each worker: one file is read while the row of another is written. */
    Extraction(ProcessPoolExecutor workers, int workerCount, Database database) {
        this.workers = workers;
        this.database = database;
        this.lanes = 2 * workerCount;
    }

    Totals totals() {
        return totals;
    }

    Heartbeat heartbeat() {
        return heartbeat;
    }

    /**
     * Extracts all files below the folders. When it is cancelled, it stops the workers and waits for the rows that are
     * being written.
     */
    void run(Collection<Path> folders) throws Exception {
        List<Task<?>> helpers = List.of(
                createTask("heartbeat", heartbeat::beat), //
                createTask("progress", new Progress(totals)::draw));
        try {
            PdfFiles found = await(toThread(PdfFiles::find, folders));
            found.unreadable().forEach(problem -> System.err.println("extract: cannot read " + problem));
            totals.found(found.files().size());
            if (found.files().isEmpty()) {
                System.err.println("extract: there are no PDF files in " + folders);
            }
            Queue<Path> waiting = new ArrayDeque<>(found.files());
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < lanes; i++) {
                tasks.add(createTask("lane-" + i, () -> lane(waiting)));
            }
            await(gather(tasks));
        } finally {
            await(gatherOutcomes(writes));
            helpers.forEach(Task::cancel);
            await(gatherOutcomes(helpers));
        }
    }

    private void lane(Queue<Path> waiting) throws Exception {
        for (Path file = waiting.poll(); file != null; file = waiting.poll()) {
            store(extract(file));
        }
    }

    private Row extract(Path file) {
        long start = System.nanoTime();
        String name = file.toString();
        try {
            Document document = await(EventLoop.current().runInExecutor(workers, () -> PdfText.read(name)));
            return new Row(file, Status.OK, document, null, millisSince(start));
        } catch (CancelledError | WorkerStartException e) {
            throw e; // no fault of the file
        } catch (Throwable t) { // a hostile file can make the parser throw anything
            return new Row(file, Status.of(t), null, describe(t), millisSince(start));
        }
    }

    /** A write that has begun is not to be cut off by a cancellation: interrupts close the files of some databases. */
    private void store(Row row) throws Exception {
        Future<?> write = EventLoop.current().runInExecutor(database.executor(), () -> database.store(row));
        writes.add(write);
        write.addDoneCallback(done -> {
            writes.remove(done);
            if (!done.cancelled() && done.exception() == null) {
                totals.add(row);
            }
        });
        await(shield(write));
    }

    private static String describe(Throwable t) {
        @Nullable String message = t.getMessage();
        return t.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private static long millisSince(long start) {
        return (System.nanoTime() - start) / 1_000_000;
    }
}
