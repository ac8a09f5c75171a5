package dev.offloop.internal.util;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.Async;
import dev.offloop.ChildJvm;
import dev.offloop.EventLoop;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrorLogTest {

    static final class Failing {
        public static void main(String[] args) throws Exception {
            Async.run(() -> {
                EventLoop.current().callSoon(() -> {
                    throw new IllegalStateException("mine");
                });
                Async.yieldNow();
                ErrorLog.warn("a warning");
            });
        }
    }

    /**
     * {@code java.util.logging} infers the source from the stack; the name of a lambda would say nothing to a reader.
     */
    @Test
    void recordsNameAPlainMethodAsTheirSource() throws Exception {
        String format = "-Djava.util.logging.SimpleFormatter.format=[%2$s] %4$s %5$s%n%6$s%n";
        assertThat(ChildJvm.run(Failing.class, Map.of(), format).output())
                .contains("[dev.offloop.internal.util.ErrorLog log] SEVERE Exception in a callback")
                .contains("java.lang.IllegalStateException: mine")
                .contains("[dev.offloop.internal.util.ErrorLog log] WARNING a warning");
    }
}
