package dev.offloop.process;

import dev.offloop.CancelledError;
import dev.offloop.EventLoop;
import dev.offloop.RemoteCallable;
import dev.offloop.process.internal.wire.RemoteFailure;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The classes of Offloop that cross between the processes, for filters that have to let them through. Listed one by
 * one: in an application that is packed into a single jar, neither a package nor a protection domain tells Offloop from
 * the rest.
 */
final class OwnClasses {

    /** What workers send around a result, and the exceptions that Offloop itself throws there. */
    static final Set<Class<?>> IN_RESULTS = Set.of(
            RemoteFailure.class,
            RemoteStackTrace.class,
            ProcessCallException.class,
            NotTransferableException.class,
            SessionEndedException.class,
            WorkerCrashedException.class,
            WorkerOutOfMemoryException.class,
            WorkerStartException.class,
            CallTimeoutException.class,
            CancelledError.class,
            SharedMemory.class,
            SharedMemory.Handle.class,
            StackTraceElement.class);

    /** Records around a function, and in it. */
    private static final List<Class<?>> RECORDS = List.of(
            ProcessPoolExecutor.CallableCall.class,
            ProcessPoolExecutor.RunnableCall.class,
            SharedMemory.class, // a filter sees a handle, and what it was replaced by
            SharedMemory.Handle.class);

    /** Classes with lambdas around a function. The last one is not accessible from here. */
    private static final List<String> WITH_LAMBDAS = List.of(
            MapIterator.class.getName(),
            ProcessSession.class.getName(),
            ProcessStream.class.getName(),
            RemoteCallable.class.getName(),
            EventLoop.class.getName(),
            RemoteCallable.class.getPackageName() + ".Remote");

    private OwnClasses() {}

    /** The classes that a worker has to let through to read a function, as {@code -Djdk.serialFilter} takes them. */
    static String inFunctions() {
        return Stream.concat(
                        RECORDS.stream().map(Class::getName),
                        WITH_LAMBDAS.stream().flatMap(name -> Stream.of(name, name + "$$Lambda*")))
                .collect(Collectors.joining(";"));
    }
}
