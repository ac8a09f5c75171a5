package dev.offloop.testkit;

import dev.offloop.Engine;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Makes a test method a coroutine: it runs as the main task of an event loop of its own, on virtual time.
 *
 * <pre>{@code
 * @LoopTest
 * void remindsAfterADay() throws Exception {
 *     Task<String> reminder = createTask(() -> remind(Duration.ofDays(1)));
 *     sleep(Duration.ofHours(25)); // takes no time
 *     assertEquals("pay the rent", await(reminder));
 * }
 * }</pre>
 *
 * <ul>
 *   <li>Time passes as {@link dev.offloop.VirtualClock} says: at once when nothing else can run; offloaded work is
 *       awaited.
 *   <li>The test fails if it leaves tasks behind that do not end in a few turns, if a failure was never retrieved, or
 *       if a callback threw; and when nothing is left that could wake the loop for 2 seconds, with where each task
 *       waits.
 *   <li>A thread that the test has started by itself is not known to the loop: use {@code realTime} if it wakes the
 *       loop after more than 2 seconds, or races with timeouts.
 *   <li>With an exception handler of its own, {@code EventLoop.current().setExceptionHandler(…)}, a test receives the
 *       faults that would fail it.
 *   <li>{@code @BeforeEach} and {@code @AfterEach} methods run outside of the loop. The test itself has a virtual
 *       thread.
 *   <li>Parameters are resolved as in any test.
 * </ul>
 *
 * <p>Counterpart of {@code unittest.IsolatedAsyncioTestCase}, {@code pytest-trio} and its {@code autojump_clock}.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@TestTemplate
@ExtendWith(LoopTestExtension.class)
public @interface LoopTest {

    /**
     * Sets in how many pseudo-random orders of the ready tasks to run the test, with the seeds 1, 2, 3 and so on; 0 for
     * the usual order, once. The first seed that fails ends the test and is named; {@code -Doffloop.seed=17} then runs
     * only that one.
     *
     * @return the number of orders, zero or more
     */
    int seeds() default 0;

    /**
     * Sets the engines to run the test with.
     *
     * @return the engines; none for that which the JVM uses
     */
    Engine[] engines() default {};

    /**
     * Sets whether the loop runs in real time.
     *
     * @return true for real time
     */
    boolean realTime() default false;

    /**
     * Sets after how many seconds of real time the test fails, with where each task waits. Each seed has as many.
     *
     * @return seconds, at least 1
     */
    long timeout() default 30;
}
