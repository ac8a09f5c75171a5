package dev.offloop.process.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.process.RemoteStackTrace;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What becomes of an exception between the worker and the caller. */
class RemoteFailureTest {

    private static final Reading READING = new Reading(RemoteFailureTest.class.getClassLoader(), null, null);

    /** What a caller gets when a function throws it. */
    private static Throwable sent(Throwable thrown) {
        byte[] frame = JdkSerialization.write(RemoteFailure.of(thrown));
        return ((RemoteFailure) READING.stream(frame)).toThrowable(READING);
    }

    private static int endless(int depth) {
        return endless(depth + 1) + 1;
    }

    @Test
    void aStackOverflowErrorOfTheJvmHasTheRemoteStackTraceAsItsCause() {
        try {
            endless(0);
            throw new AssertionError("the stack is endless");
        } catch (StackOverflowError thrown) {
            assertThat(sent(thrown))
                    .isExactlyInstanceOf(StackOverflowError.class)
                    .hasCauseInstanceOf(RemoteStackTrace.class)
                    .satisfies(sent -> assertThat(sent.getStackTrace()).isEqualTo(thrown.getStackTrace()));
        }
    }

    @Test
    void anExceptionWithoutTraceThatTheJvmKeepsForHotCodeHasTheRemoteStackTraceToo() {
        int[] array = {1};
        ArithmeticException thrown = new ArithmeticException();
        for (int i = 0; i < 1_000_000 && (i == 0 || thrown.getStackTrace().length > 0); i++) {
            try {
                array[0] /= i - i;
            } catch (ArithmeticException e) {
                thrown = e;
            }
        }
        Throwable sent = sent(thrown);
        assertThat(sent).isExactlyInstanceOf(ArithmeticException.class).hasCauseInstanceOf(RemoteStackTrace.class);
        assertThat(sent.getMessage()).isEqualTo(thrown.getMessage());
    }

    @Test
    void aDeepTraceIsCutAndSaysHowManyFramesAreLeftOut() {
        var thrown = new IllegalStateException();
        StackTraceElement[] deep = new StackTraceElement[10_000];
        Arrays.fill(deep, new StackTraceElement("Endless", "loop", "Endless.java", 1));
        thrown.setStackTrace(deep);
        Throwable remote = sent(thrown).getCause();
        assertThat(remote.getStackTrace()).hasSize(1024);
        assertThat(remote).hasMessageContaining("8976 of its 10000 frames are left out");
    }
}
