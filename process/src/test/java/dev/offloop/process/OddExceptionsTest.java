package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.offloop.RemoteCallable;
import java.io.Externalizable;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInput;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Exceptions whose methods do not do what they should. The caller hears of the real one all the same. */
@SuppressWarnings("serial")
class OddExceptionsTest {

    private static final ProcessPoolExecutor POOL = ProcessPoolExecutor.create(1);

    @AfterAll
    static void closeThePool() {
        POOL.close();
    }

    private interface Maker extends Serializable {
        Exception make() throws Exception;
    }

    private static Throwable thrownThere(Maker maker) {
        RemoteCallable<Integer> function = () -> {
            throw maker.make();
        };
        return catchThrowable(() -> get(POOL.submit(function))).getCause();
    }

    /** In the order of a printed trace. Does not call what the exceptions override. */
    private static boolean hasRemoteStackTrace(Throwable thrown) {
        Throwable cause = null;
        try {
            cause = thrown.getCause();
        } catch (Error overridden) {
            // suppressed then
        }
        return Stream.concat(Stream.ofNullable(cause), Arrays.stream(thrown.getSuppressed()))
                .anyMatch(RemoteStackTrace.class::isInstance);
    }

    private abstract static class Odd extends Exception {
        Odd() {
            super("the real one");
        }
    }

    private static final class NullFrame extends Odd {
        @Override
        @SuppressWarnings("NullAway")
        public StackTraceElement[] getStackTrace() {
            return new StackTraceElement[] {null, new StackTraceElement("A", "b", "A.java", 1), null};
        }
    }

    private static final class NullFrames extends Odd {
        @Override
        @SuppressWarnings("NullAway")
        public StackTraceElement[] getStackTrace() {
            return null;
        }
    }

    private static final class NoFrames extends Odd {
        @Override
        public StackTraceElement[] getStackTrace() {
            throw new AssertionError("getStackTrace");
        }
    }

    private static final class ManyFrames extends Odd {
        @Override
        public StackTraceElement[] getStackTrace() {
            StackTraceElement[] many = new StackTraceElement[1_000_000];
            Arrays.fill(many, new StackTraceElement("A", "b", "A.java", 1));
            return many;
        }
    }

    private static final class NoSetting extends Odd {
        @Override
        public void setStackTrace(StackTraceElement[] trace) {
            throw new AssertionError("setStackTrace");
        }
    }

    private static final class NoInitCause extends Odd {
        @Override
        public synchronized Throwable initCause(@Nullable Throwable cause) {
            throw new AssertionError("initCause");
        }
    }

    private static final class IdleInitCause extends Odd {
        @Override
        public synchronized Throwable initCause(@Nullable Throwable cause) {
            return this;
        }
    }

    private static final class EndlessInitCause extends Odd {
        @Override
        public synchronized Throwable initCause(@Nullable Throwable cause) {
            return initCause(new Exception(cause));
        }
    }

    private static final class NoGetCause extends Odd {
        @Override
        public synchronized Throwable getCause() {
            throw new AssertionError("getCause");
        }
    }

    private static final class OwnCause extends Odd {
        @Override
        public synchronized Throwable getCause() {
            return this;
        }
    }

    private static final class NewCauses extends Odd {
        @Override
        public synchronized Throwable getCause() {
            return new NewCauses();
        }
    }

    private static final class UnsentNewCauses extends Odd {
        @SuppressWarnings("unused")
        private final Object notSerializable = new Object();

        @Override
        public synchronized Throwable getCause() {
            return new UnsentNewCauses();
        }
    }

    private static final class NoToString extends Odd {
        @Override
        public String toString() {
            throw new AssertionError("toString");
        }
    }

    private static final class NullToString extends Odd {
        @Override
        @SuppressWarnings("NullAway")
        public String toString() {
            return null;
        }
    }

    private static final class EndlessToString extends Odd {
        @Override
        public String toString() {
            return super.toString() + this;
        }
    }

    private static final class LongToString extends Odd {
        @Override
        public String toString() {
            return "x".repeat(10_000_000);
        }
    }

    private static final class NoMessages extends Odd {
        @Override
        public String getMessage() {
            throw new AssertionError("getMessage");
        }

        @Override
        public String getLocalizedMessage() {
            throw new AssertionError("getLocalizedMessage");
        }
    }

    private static final class Interrupting extends Odd {
        @Override
        public String toString() {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private static final class NoFillIn extends Odd {
        @Override
        @SuppressWarnings("NullAway")
        public synchronized Throwable fillInStackTrace() {
            return null;
        }
    }

    private static final class NoEquals extends Odd {
        @Override
        public boolean equals(Object other) {
            throw new AssertionError("equals");
        }

        @Override
        public int hashCode() {
            throw new AssertionError("hashCode");
        }
    }

    private static final class NoPrinting extends Odd {
        @Override
        public void printStackTrace(java.io.PrintStream out) {
            throw new AssertionError("printStackTrace");
        }
    }

    private static final class NonSerializableField extends Odd {
        @SuppressWarnings("unused")
        private final Object notSerializable = new Object();
    }

    private static final class WritesString extends Odd {
        private Object writeReplace() {
            return "a string";
        }
    }

    private static final class WritesNull extends Odd {
        private @Nullable Object writeReplace() {
            return null;
        }
    }

    private static final class NoWriteReplace extends Odd {
        private Object writeReplace() {
            throw new AssertionError("writeReplace");
        }
    }

    private static final class EndlessWriteReplace extends Odd {
        private Object writeReplace() {
            return writeReplace();
        }
    }

    private static final class NoWriteObject extends Odd {
        private void writeObject(ObjectOutputStream out) {
            throw new AssertionError("writeObject");
        }
    }

    private static final class ReadsString extends Odd {
        private Object readResolve() {
            return "a string";
        }
    }

    private static final class ReadsNull extends Odd {
        private @Nullable Object readResolve() {
            return null;
        }
    }

    private static final class NoReadResolve extends Odd {
        private Object readResolve() {
            throw new AssertionError("readResolve");
        }
    }

    private static final class NoReadObject extends Odd {
        private void readObject(ObjectInputStream in) throws IOException {
            throw new InvalidObjectException("readObject");
        }
    }

    private static final class LongAndUnread extends Odd {
        @Override
        public String toString() {
            return "x".repeat(1_000_000);
        }

        private void readObject(ObjectInputStream in) throws IOException {
            throw new InvalidObjectException("readObject");
        }
    }

    private static final class NonSerializableIo extends IOException {
        @SuppressWarnings("unused")
        private final Object notSerializable = new Object();

        NonSerializableIo() {
            super("disk");
        }
    }

    private static final class EndlessReadObject extends Odd {
        private void readObject(ObjectInputStream in) {
            readObject(in);
        }
    }

    /** Has no public constructor, and so cannot be read. */
    private static final class NoConstructor extends Odd implements Externalizable {
        @Override
        public void writeExternal(ObjectOutput out) {}

        @Override
        public void readExternal(ObjectInput in) {}
    }

    private static final class Plain extends Odd {
        Plain withCause(Throwable cause) {
            initCause(cause);
            return this;
        }

        Plain withSuppressed(Throwable suppressed) {
            addSuppressed(suppressed);
            return this;
        }
    }

    private static final class Fixed extends Exception {
        Fixed() {
            super("fixed", null, false, false);
        }
    }

    private static Plain cycle() {
        var one = new Plain();
        return one.withCause(new Plain().withCause(one));
    }

    private static Plain suppressedCycle() {
        var one = new Plain();
        return one.withSuppressed(new Plain().withCause(one));
    }

    private static Plain chain(int length) {
        Plain last = new Plain();
        for (int i = 1; i < length; i++) {
            last = new Plain().withCause(last);
        }
        return last;
    }

    private static Plain unsentChain(int length) {
        Exception last = new NonSerializableField();
        for (int i = 1; i < length; i++) {
            last = new Plain().withCause(last);
        }
        return (Plain) last;
    }

    private static Arguments row(Class<?> type, Maker maker) {
        return Arguments.of(type.getSimpleName(), type, maker);
    }

    static Stream<Arguments> thoseThatComeBack() {
        return Stream.of(
                row(NullFrame.class, NullFrame::new),
                row(NullFrames.class, NullFrames::new),
                row(NoFrames.class, NoFrames::new),
                row(ManyFrames.class, ManyFrames::new),
                row(NoSetting.class, NoSetting::new),
                row(NoInitCause.class, NoInitCause::new),
                row(IdleInitCause.class, IdleInitCause::new),
                row(EndlessInitCause.class, EndlessInitCause::new),
                row(NoGetCause.class, NoGetCause::new),
                row(OwnCause.class, OwnCause::new),
                row(NewCauses.class, NewCauses::new),
                row(NoToString.class, NoToString::new),
                row(NullToString.class, NullToString::new),
                row(EndlessToString.class, EndlessToString::new),
                row(LongToString.class, LongToString::new),
                row(NoMessages.class, NoMessages::new),
                row(Interrupting.class, Interrupting::new),
                row(NoFillIn.class, NoFillIn::new),
                row(NoEquals.class, NoEquals::new),
                row(NoPrinting.class, NoPrinting::new),
                row(Plain.class, OddExceptionsTest::cycle),
                row(Plain.class, OddExceptionsTest::suppressedCycle),
                row(Plain.class, () -> chain(10_000)),
                row(Plain.class, () -> unsentChain(2)),
                row(Plain.class, () -> unsentChain(200)),
                row(Plain.class, () -> new Plain().withCause(new UnsentNewCauses())),
                row(Plain.class, () -> new Plain().withCause(new NoWriteObject())),
                row(Plain.class, () -> new Plain().withCause(new NoReadObject())),
                row(Plain.class, () -> new Plain().withCause(new ReadsString())),
                row(Plain.class, () -> new Plain().withCause(new NullFrame())),
                row(Plain.class, () -> new Plain().withSuppressed(new NonSerializableField())),
                row(
                        Plain.class,
                        () -> new Plain()
                                .withSuppressed(new NonSerializableField())
                                .withCause(new NoWriteObject())));
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("thoseThatComeBack")
    void anOddExceptionComesBackAsItselfWithTheRemoteStackTrace(String name, Class<?> type, Maker maker) {
        Throwable thrown = thrownThere(maker);
        assertThat(thrown.getClass()).as(name).isEqualTo(type);
        assertThat(hasRemoteStackTrace(thrown)).isTrue();
    }

    static Stream<Arguments> thoseThatCannot() {
        return Stream.of(
                row(NonSerializableField.class, NonSerializableField::new),
                row(WritesString.class, WritesString::new),
                row(WritesNull.class, WritesNull::new),
                row(NoWriteReplace.class, NoWriteReplace::new),
                row(EndlessWriteReplace.class, EndlessWriteReplace::new),
                row(NoWriteObject.class, NoWriteObject::new),
                row(ReadsString.class, ReadsString::new),
                row(ReadsNull.class, ReadsNull::new),
                row(NoReadResolve.class, NoReadResolve::new),
                row(NoReadObject.class, NoReadObject::new),
                row(EndlessReadObject.class, EndlessReadObject::new),
                row(NoConstructor.class, NoConstructor::new),
                row(UnsentNewCauses.class, UnsentNewCauses::new),
                row(NoReadObject.class, () -> new Plain().withSuppressed(new NoReadObject())));
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("thoseThatCannot")
    void oneThatCannotComeBackIsDescribedWithTheRemoteStackTrace(String name, Class<?> type, Maker maker) {
        Throwable thrown = thrownThere(maker);
        assertThat(thrown)
                .as(name)
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("cannot be brought here")
                .hasMessageContaining("the real one")
                .hasCauseInstanceOf(RemoteStackTrace.class);
        assertThat(thrown.getCause().getStackTrace()).isNotEmpty();
    }

    @Test
    void oneThatTakesNeitherCauseNorSuppressedExceptionsComesBackWithoutTheRemoteStackTrace() {
        assertThat(thrownThere(Fixed::new)).isExactlyInstanceOf(Fixed.class).hasMessage("fixed");
    }

    @Test
    void aCauseThatCannotBeSentIsDescribedWithItsOwnTrace() {
        Throwable cause = thrownThere(() -> unsentChain(2)).getCause().getCause();
        assertThat(cause)
                .isInstanceOf(RemoteStackTrace.class)
                .hasMessageContaining(NonSerializableField.class.getName() + ": the real one")
                .hasMessageContaining("cannot be sent");
        assertThat(cause.getStackTrace()[0].getMethodName()).isEqualTo("unsentChain");
    }

    @Test
    void aCauseThatCanBeSentIsKeptBehindOneThatCannot() {
        Exception there = (Exception) thrownThere(() -> new Plain()
                        .withCause((Exception) new NonSerializableField().initCause(new IOException("disk"))))
                .getCause()
                .getCause();
        assertThat(there).isInstanceOf(RemoteStackTrace.class);
        assertThat(there.getCause()).isInstanceOf(IOException.class).hasMessage("disk");
    }

    @Test
    void theCausesOfADescribedExceptionComeBack() {
        Throwable thrown = thrownThere(() -> (Exception) new NonSerializableField().initCause(new IOException("disk")));
        assertThat(thrown).isInstanceOf(NotTransferableException.class);
        assertThat(thrown.getCause().getCause()).isInstanceOf(IOException.class).hasMessage("disk");
    }

    @Test
    void aCauseThatCannotBeReadHereIsMentioned() {
        Throwable remote =
                thrownThere(() -> new Plain().withCause(new NoReadObject())).getCause();
        assertThat(remote.getSuppressed()).hasExactlyElementsOfTypes(NotTransferableException.class);
        assertThat(remote.getSuppressed()[0]).hasMessageContaining("cause of the exception cannot be brought here");
    }

    @Test
    void oneThatAcceptsOnlyCertainCausesIsDescribedIfItsCauseCannotBeSent() {
        Throwable thrown = thrownThere(() -> new UncheckedIOException(new NonSerializableIo()));
        assertThat(thrown).isInstanceOf(NotTransferableException.class).hasMessageContaining("disk");
    }

    @Test
    void aLongDescriptionIsCut() {
        Throwable thrown = thrownThere(LongAndUnread::new);
        assertThat(thrown).isInstanceOf(NotTransferableException.class).hasMessageContaining("xxx");
        assertThat(thrown.getMessage().length()).isLessThan(20_000);
    }
}
