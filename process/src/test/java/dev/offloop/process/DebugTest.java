package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.get;
import static dev.offloop.process.Calls.isAlive;
import static dev.offloop.process.Calls.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.EventRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Workers with a debugger: this test is the debugger, by the JDK's Java Debug Interface. */
class DebugTest {

    private static final Pattern WHERE =
            Pattern.compile("Worker \\d+ \\(process (\\d+)\\) of the process pool '.+' can be debugged: attach to"
                    + " localhost:(\\d+)");

    /** Of everything that a pool limits. */
    private static final Duration SHORT = Duration.ofMillis(300);

    /** Longer than all that. */
    private static final Duration LONG = Duration.ofMillis(1_500);

    private static final long HANG_GUARD_MILLIS = 50_000;

    private final List<String> logged = Collections.synchronizedList(new ArrayList<>());
    private final List<String> printed = Collections.synchronizedList(new ArrayList<>());
    private final Logger logger = Logger.getLogger("dev.offloop");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            logged.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        logger.removeHandler(handler);
    }

    private ProcessPoolExecutor.Builder pool(WorkerDebug debug) {
        return ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .debug(debug)
                .callTimeout(SHORT)
                .startTimeout(SHORT)
                .cancelGrace(SHORT)
                .idleTimeout(SHORT)
                .heartbeatTimeout(Duration.ofSeconds(1))
                .output(WorkerOutput.to(line -> printed.add(line.text())));
    }

    /** Where a breakpoint is set. */
    static int stopsHere(int n) {
        return n + 1;
    }

    /** Where the last worker that has logged it listens, when one has. */
    private Matcher where() {
        List<Matcher> found = new ArrayList<>();
        await().until(() -> {
            List.copyOf(logged).stream()
                    .map(WHERE::matcher)
                    .filter(Matcher::matches)
                    .forEach(found::add);
            return !found.isEmpty();
        });
        return found.getLast();
    }

    private VirtualMachine attach() throws Exception {
        AttachingConnector connector = Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(each -> each.name().equals("com.sun.jdi.SocketAttach"))
                .findFirst()
                .orElseThrow();
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        arguments.get("hostname").setValue("127.0.0.1");
        arguments.get("port").setValue(where().group(2));
        return connector.attach(arguments);
    }

    private static void setBreakpoint(VirtualMachine worker) {
        ReferenceType type = worker.classesByName(DebugTest.class.getName()).getFirst();
        var breakpoint = worker.eventRequestManager()
                .createBreakpointRequest(
                        type.methodsByName("stopsHere").getFirst().location());
        breakpoint.setSuspendPolicy(EventRequest.SUSPEND_ALL);
        breakpoint.enable();
    }

    private static EventSet awaitBreakpoint(VirtualMachine worker) throws InterruptedException {
        while (true) {
            EventSet events = worker.eventQueue().remove(HANG_GUARD_MILLIS);
            assertThat(events).as("an event of the worker").isNotNull();
            for (Event event : events) {
                if (event instanceof BreakpointEvent) {
                    return events;
                }
            }
            events.resume();
        }
    }

    @Test
    void aCallThatStandsAtABreakpointForLongerThanAllTimeoutsSucceeds() throws Exception {
        try (var pool = pool(WorkerDebug.ATTACH).build()) {
            long pid = get(pool.submit(Calls::pid));
            assertThat(get(pool.submit(() -> stopsHere(1)))).isEqualTo(2);
            assertThat(where().group(1)).isEqualTo(Long.toString(pid));
            VirtualMachine worker = attach();
            setBreakpoint(worker);
            CompletableFuture<Integer> call =
                    pool.submit(CallOptions.DEFAULT.timeout(SHORT).cpuTime(SHORT), () -> stopsHere(2));
            EventSet stopped = awaitBreakpoint(worker);
            Thread.sleep(LONG);
            assertThat(call).isNotDone();
            stopped.resume();
            assertThat(get(call)).isEqualTo(3);
            worker.dispose();
            Thread.sleep(SHORT.multipliedBy(2)); // idle
            assertThat(get(pool.submit(Calls::pid))).isEqualTo(pid);
            assertThat(printed).as("the agent's own line").isEmpty();
        }
    }

    @Test
    void aCancelledCallAtABreakpointKeepsItsWorkerUntilItGoesOn() throws Exception {
        try (var pool = pool(WorkerDebug.ATTACH).build()) {
            long pid = get(pool.submit(Calls::pid));
            get(pool.submit(() -> stopsHere(1)));
            VirtualMachine worker = attach();
            setBreakpoint(worker);
            CompletableFuture<Integer> call = pool.submit(() -> stopsHere(2));
            EventSet stopped = awaitBreakpoint(worker);
            call.cancel(true);
            Thread.sleep(LONG);
            assertThat(isAlive(pid)).isTrue();
            stopped.resume();
            worker.dispose();
            assertThat(get(pool.submit(Calls::pid))).isEqualTo(pid);
        }
    }

    @Test
    void aWorkerThatWaitsForItsDebuggerIsNotLate() throws Exception {
        try (var pool = pool(WorkerDebug.SUSPEND).build()) {
            CompletableFuture<Integer> call = pool.submit(() -> stopsHere(1));
            where();
            Thread.sleep(LONG);
            assertThat(call).isNotDone();
            VirtualMachine worker = attach();
            worker.resume();
            assertThat(get(call)).isEqualTo(2);
            worker.dispose();
        }
    }

    @Test
    void closingThePoolEndsAWorkerThatStandsAtABreakpoint() throws Exception {
        long pid;
        try (var pool = pool(WorkerDebug.ATTACH).closeTimeout(SHORT).build()) {
            pid = get(pool.submit(Calls::pid));
            get(pool.submit(() -> stopsHere(1)));
            VirtualMachine worker = attach();
            setBreakpoint(worker);
            var _ = pool.submit(() -> stopsHere(2));
            awaitBreakpoint(worker);
        }
        assertThat(isAlive(pid)).isFalse();
    }

    @Test
    void aRetiredWorkerMayStandAtABreakpointUntilThePoolIsClosed() throws Exception {
        long pid;
        try (var pool = pool(WorkerDebug.ATTACH)
                .maxTasksPerWorker(2)
                .closeTimeout(Duration.ofHours(1)) // not that is what ends it
                .build()) {
            pid = get(pool.submit(() -> {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stopsHere(1)));
                return pid();
            }));
            VirtualMachine worker = attach();
            setBreakpoint(worker);
            get(pool.submit(() -> 2));
            awaitBreakpoint(worker);
            Thread.sleep(Duration.ofNanos(2_500_000_000L)); // others are killed after two seconds
            assertThat(isAlive(pid)).isTrue();
        }
        assertThat(isAlive(pid)).isFalse();
    }

    @Test
    void anAgentOfTheUsersOwnIsLeftAloneAndNothingTimesOut() throws Exception {
        try (var pool = pool(WorkerDebug.ATTACH)
                .jvmArguments("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0")
                .build()) {
            get(pool.submit(() -> Thread.sleep(LONG)));
            where();
        }
    }

    @Test
    void inProcessNothingTimesOutEither() throws Exception {
        try (var pool = pool(WorkerDebug.ATTACH).inProcess(true).build()) {
            get(pool.submit(CallOptions.DEFAULT.timeout(SHORT), () -> Thread.sleep(LONG)));
        }
    }

    @Test
    void theSystemPropertyIsTheDefault() throws Exception {
        System.setProperty("offloop.worker.debug", "");
        try (var pool = ProcessPoolExecutor.create(1)) {
            get(pool.submit(() -> 1));
            where();
            System.setProperty("offloop.worker.debug", "supend");
            assertThatThrownBy(ProcessPoolExecutor::builder)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("The system property offloop.worker.debug must be attach, suspend or off: supend");
        } finally {
            System.clearProperty("offloop.worker.debug");
        }
    }

    @Test
    void aSandboxWithoutNetworkCannotBeDebuggedAndTheErrorSaysSo() {
        assertThatThrownBy(() -> pool(WorkerDebug.ATTACH)
                        .sandbox(Sandbox.readOnly().withoutNetwork())
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("withoutNetwork");
    }
}
