package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.offloop.RemoteCallable;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the thread that runs functions is called, as logs and thread dumps show it. */
class ThreadNameTest {

    private static final ProcessPoolExecutor POOL = ProcessPoolExecutor.create(1);

    @AfterAll
    static void closeThePool() {
        POOL.close();
    }

    static String name() {
        return Thread.currentThread().getName();
    }

    private static String nameFromAnotherMethod() throws Exception {
        return get(POOL.submit(() -> name()));
    }

    private record Named(int number) implements RemoteCallable<String> {
        @Override
        public String call() {
            return name();
        }
    }

    @Test
    void aLambdaGivesItTheNameOfTheMethodItIsWrittenIn() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(get(POOL.submit(() -> name())))
                    .isEqualTo("offloop-ThreadNameTest.aLambdaGivesItTheNameOfTheMethodItIsWrittenIn");
            assertThat(nameFromAnotherMethod()).isEqualTo("offloop-ThreadNameTest.nameFromAnotherMethod");
        }
    }

    @Test
    void aMethodReferenceGivesItItsOwnName() throws Exception {
        assertThat(get(POOL.submit(ThreadNameTest::name))).isEqualTo("offloop-ThreadNameTest.name");
    }

    @Test
    void anObjectGivesItTheNameOfItsClass() throws Exception {
        assertThat(get(POOL.submit(new Named(1)))).isEqualTo("offloop-ThreadNameTest$Named");
    }

    @Test
    void theFunctionOfAMapCountsAndNotWhatAppliesIt() {
        assertThat(POOL.map(_ -> name(), List.of(1, 2)))
                .containsOnly("offloop-ThreadNameTest.theFunctionOfAMapCountsAndNotWhatAppliesIt");
    }

    @Test
    void anActionCountsAndNotTheFunctionItIsMadeInto(@TempDir Path folder) throws Exception {
        String file = folder.resolve("name").toString();
        get(POOL.submit(() -> {
            Files.writeString(Path.of(file), name());
        }));
        assertThat(Path.of(file)).hasContent("offloop-ThreadNameTest.anActionCountsAndNotTheFunctionItIsMadeInto");
    }

    @Test
    void aFunctionThatIsWrittenByJdkSerializationGivesItTheNameOfItsClass() throws Exception {
        int[] one = {1};
        int[] two = {2}; // two captured objects that can change are written as one
        assertThat(get(POOL.submit(() -> name() + one.length + two.length))).startsWith("offloop-ThreadNameTest");
    }

    @Test
    void aPlainCallableHasTheCommonName() throws Exception {
        assertThat(get(POOL.submit((Callable<String> & Serializable) () -> name())))
                .isEqualTo("offloop-call");
    }

    @Test
    void aNameThatAFunctionHasGivenItIsReplaced() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(get(POOL.submit(() -> {
                        String before = name();
                        Thread.currentThread().setName("mine");
                        return before;
                    })))
                    .isEqualTo("offloop-ThreadNameTest.aNameThatAFunctionHasGivenItIsReplaced");
        }
    }
}
