package dev.offloop.process;

import static dev.offloop.process.Calls.await;
import static dev.offloop.process.Calls.waitsForACall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What crosses between the processes, and what is said when something cannot. */
class TransferTest {

    private static final ProcessPoolExecutor POOL = ProcessPoolExecutor.create(1);

    @AfterAll
    static void closeThePool() throws Exception {
        assertThat(POOL.submit(() -> 1).get())
                .as("the pool has survived all of it")
                .isEqualTo(1);
        POOL.close();
    }

    private static Throwable failureOf(CompletableFuture<?> call) {
        return catchThrowable(call::get).getCause();
    }

    static final class Checked extends Exception {
        private static final long serialVersionUID = 1;

        Checked(String message, Throwable cause) {
            super(message, cause);
        }
    }

    @Test
    void anExceptionComesBackAsTheSameTypeWithTheRemoteStackTraceAsItsCause() {
        Throwable thrown = failureOf(POOL.submit(() -> {
            throw new IOException("disk");
        }));
        assertThat(thrown).isExactlyInstanceOf(IOException.class).hasMessage("disk");
        assertThat(thrown.getCause()).isInstanceOf(RemoteStackTrace.class).hasMessageContaining("worker process");
        assertThat(thrown.getCause().getStackTrace()[0].getClassName())
                .isEqualTo(getClass().getName());
    }

    @Test
    void theCauseThatItHadIsTheNextOne() {
        Throwable thrown = failureOf(POOL.submit(() -> {
            throw new Checked("outer", new IllegalStateException("inner"));
        }));
        assertThat(thrown).isInstanceOf(Checked.class);
        assertThat(thrown.getCause()).isInstanceOf(RemoteStackTrace.class);
        assertThat(thrown.getCause().getCause())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("inner");
    }

    @Test
    void anExceptionMadeWithTheCauseNullCarriesItAsSuppressed() {
        Throwable thrown = failureOf(POOL.submit(() -> {
            throw new Checked("no cause, for ever", null);
        }));
        assertThat(thrown).isInstanceOf(Checked.class);
        assertThat(thrown.getSuppressed()).hasExactlyElementsOfTypes(RemoteStackTrace.class);
    }

    @Test
    void errorsComeBackToo() {
        assertThat(failureOf(POOL.submit(() -> {
                    throw new StackOverflowError("deep");
                })))
                .isExactlyInstanceOf(StackOverflowError.class)
                .hasMessage("deep");
    }

    private static int endless(int depth) {
        return endless(depth + 1) + 1;
    }

    @Test
    void aStackOverflowOfTheWorkerHasTheRemoteStackTraceAsItsCause() {
        assertThat(failureOf(POOL.submit(() -> endless(0))))
                .isExactlyInstanceOf(StackOverflowError.class)
                .hasCauseInstanceOf(RemoteStackTrace.class);
    }

    static final class Connection {}

    record Job(String name, Holder holder) implements Serializable {}

    record Holder(Map<String, List<Object>> things) implements Serializable {}

    @Test
    void anArgumentThatCannotBeWrittenNamesItsClassAndThePathToIt() {
        var job = new Job("a", new Holder(Map.of("key", new ArrayList<>(List.of("fine", new Connection())))));
        Throwable thrown = failureOf(POOL.submit(() -> job.name()));
        assertThat(thrown)
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining(Connection.class.getName() + " is not Serializable")
                .hasMessageContaining("captured value 1")
                .hasMessageContaining("Job.holder")
                .hasMessageContaining("Holder.things")
                .hasMessageContaining("a value of the map -> [1]");
    }

    @Test
    void aResultThatCannotBeWrittenNamesItsClass() {
        assertThat(failureOf(POOL.submit(() -> List.of(new Connection()))))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("result cannot be sent")
                .hasMessageContaining(Connection.class.getName())
                .hasMessageContaining("[0]");
    }

    static final class WithBaggage extends RuntimeException {
        private static final long serialVersionUID = 1;

        @SuppressWarnings({"serial", "unused"})
        private final Connection baggage = new Connection();

        WithBaggage(String message) {
            super(message);
        }
    }

    @Test
    void anExceptionThatCannotBeWrittenIsStillDescribed() {
        assertThat(failureOf(POOL.submit(() -> {
                    throw new WithBaggage("the real problem");
                })))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("WithBaggage")
                .hasMessageContaining("the real problem")
                .hasMessageContaining(Connection.class.getName())
                .hasCauseInstanceOf(RemoteStackTrace.class);
    }

    static final class ReadableIn implements Serializable {
        private static final long serialVersionUID = 1;
        private final long home = ProcessHandle.current().pid();
        private final boolean there;

        ReadableIn(boolean there) {
            this.there = there;
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            if ((home != ProcessHandle.current().pid()) != there) {
                throw new IOException("cannot be read on this side");
            }
        }
    }

    @Test
    void anArgumentThatCannotBeReadFailsThatCall() {
        var argument = new ReadableIn(false);
        assertThat(failureOf(POOL.submit(() -> argument.there)))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("cannot be read in the worker")
                .hasMessageContaining("cannot be read on this side");
    }

    @Test
    void aResultThatCannotBeReadFailsThatCall() {
        assertThat(failureOf(POOL.submit(() -> new ReadableIn(false))))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("result cannot be read here")
                .hasMessageContaining("cannot be read on this side");
    }

    @Test
    void anExceptionThatAcceptsOnlyCertainCausesKeepsItsOwn() {
        Throwable thrown = failureOf(POOL.submit(() -> {
            throw new java.io.UncheckedIOException(new IOException("disk"));
        }));
        assertThat(thrown).isInstanceOf(java.io.UncheckedIOException.class).hasCauseInstanceOf(IOException.class);
        assertThat(thrown.getSuppressed()).hasExactlyElementsOfTypes(RemoteStackTrace.class);
    }

    static final class Hostile extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new AssertionError("no message");
        }

        @Override
        public synchronized Throwable getCause() {
            throw new AssertionError("no cause");
        }

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new AssertionError("no trace");
        }
    }

    @Test
    void anExceptionWhoseMethodsThrowStillComesBack() {
        assertThat(failureOf(POOL.submit(() -> {
                            throw new Hostile();
                        }))
                        .getClass())
                .isEqualTo(Hostile.class);
    }

    static final class BadWriter implements Serializable {
        private static final long serialVersionUID = 1;

        private void writeObject(java.io.ObjectOutputStream out) {
            throw new AssertionError("not today");
        }
    }

    @Test
    void anArgumentWhoseWriterThrowsAnErrorFailsTheFuture() {
        var bad = new BadWriter();
        assertThat(failureOf(POOL.submit(() -> bad.hashCode())))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("not today");
    }

    @Test
    void aFunctionThatLeavesItsInterruptFlagUpIsNoCrash() throws Exception {
        CompletableFuture<Integer> call = POOL.submit(() -> {
            Thread.currentThread().interrupt();
            return 5;
        });
        assertThat(call.get()).isEqualTo(5);
        assertThat(POOL.submit(() -> Thread.currentThread().isInterrupted()).get())
                .isFalse();
    }

    private int field = 1;

    @Test
    void aLambdaThatUsesThisIsToldSo() {
        assertThat(failureOf(POOL.submit(() -> field)))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining(
                        "'this', which is used in the lambda in " + getClass().getName());
    }

    @Test
    void anUnserializableCallableIsRefusedInItsFuture() {
        java.util.concurrent.Callable<Integer> plain = () -> 1;
        assertThat(failureOf(POOL.submit(plain)))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("Declare it as a RemoteCallable");
    }

    @Test
    void twoWaysToOneListAreStillOneListThere() throws Exception {
        List<String> list = new ArrayList<>(List.of("a"));
        List<String> same = list;
        assertThat(POOL.submit(() -> {
                            same.add("b");
                            return list.size();
                        })
                        .get())
                .isEqualTo(2);
        byte[] array = {1};
        Object[] holder = {array};
        assertThat(POOL.submit(() -> array == holder[0]).get()).isTrue();
    }

    @Test
    void aLargeListIsCapturedWhole() throws Exception {
        List<Integer> list = new ArrayList<>(
                java.util.stream.IntStream.range(0, 100_000).boxed().toList());
        int last = 99_999;
        assertThat(POOL.submit(() -> list.get(last) + list.size()).get()).isEqualTo(199_999);
    }

    @Test
    void aWorkerThatWaitsHoldsNothingOfItsLastCall(@TempDir Path folder) throws Exception {
        byte[] large = new byte[64 << 20];
        String file = folder.resolve("used").toString();
        assertThat(POOL.submit(() -> {
                            measureTheHeapLater(file);
                            return large.length;
                        })
                        .get())
                .isEqualTo(large.length);
        await().until(() -> Files.exists(Path.of(file)));
        assertThat(Long.parseLong(Files.readString(Path.of(file)))).isLessThan(32 << 20);
    }

    private static void measureTheHeapLater(String file) {
        Thread main = Thread.currentThread();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (!waitsForACall(main)) {
                    Thread.onSpinWait();
                }
                System.gc();
                Runtime runtime = Runtime.getRuntime();
                Path unfinished = Path.of(file + ".new");
                Files.writeString(unfinished, Long.toString(runtime.totalMemory() - runtime.freeMemory()));
                Files.move(unfinished, Path.of(file));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
