package dev.offloop.process.internal.io;

import dev.offloop.process.WorkerOutput;
import dev.offloop.process.internal.wire.Handshake;
import dev.offloop.process.internal.wire.WorkerBody;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Configures the processes of a pool.
 *
 * @param name of the pool and its threads
 * @param maxWorkers how many workers run calls at a time at most
 * @param command starts a worker
 * @param aotCache makes it start faster; null where that is not possible
 * @param directory its working directory; null for this process's
 * @param environment what is added to this process's environment; a null value removes a variable
 * @param environmentByIndex what is added to that for the worker of an index; null for nothing
 * @param limits what it may not have more of
 * @param heapIsShared whether its heap is memory that a process may share with others
 * @param sandbox what it may see and change; null for all
 * @param output what becomes of what it prints
 * @param maxResultSize how large what it sends may be, in bytes
 * @param threads makes a worker of a handshake and a name, if workers are threads of this JVM; null if they are
 *     processes
 */
public record LaunchOptions(
        String name,
        int maxWorkers,
        CommandLine command,
        @Nullable AotCache aotCache,
        @Nullable Path directory,
        Map<String, @Nullable String> environment,
        @Nullable WorkerEnvironment environmentByIndex,
        WorkerLimits limits,
        boolean heapIsShared,
        @Nullable Bubblewrap sandbox,
        WorkerOutput output,
        long maxResultSize,
        @Nullable BiFunction<? super Handshake, ? super String, ? extends WorkerBody> threads) {

    /**
     * The options for the one worker of a session.
     *
     * @param name the name of its pool
     */
    public LaunchOptions ofSession(String name) {
        return new LaunchOptions(
                name,
                1,
                command,
                aotCache,
                directory,
                environment,
                environmentByIndex,
                limits,
                heapIsShared,
                sandbox,
                output,
                maxResultSize,
                threads);
    }

    /** With workers that are threads of this JVM, without what is for processes only. */
    public LaunchOptions forThreads(BiFunction<? super Handshake, ? super String, ? extends WorkerBody> threads) {
        return new LaunchOptions(
                name,
                maxWorkers,
                command,
                null,
                null,
                Map.of(),
                null,
                WorkerLimits.NOTHING,
                false,
                null,
                WorkerOutput.inherited(),
                maxResultSize,
                threads);
    }
}
