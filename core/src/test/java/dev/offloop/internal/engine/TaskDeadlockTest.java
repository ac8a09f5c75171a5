package dev.offloop.internal.engine;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.gather;
import static dev.offloop.Async.gatherOutcomes;
import static dev.offloop.Async.shield;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.taskGroup;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.waitOn;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.Coroutine;
import dev.offloop.EventLoop;
import dev.offloop.Future;
import dev.offloop.Promise;
import dev.offloop.ReturnWhen;
import dev.offloop.Task;
import dev.offloop.sync.Lock;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Tasks that would wait for each other without end, and others that would not. */
class TaskDeadlockTest {

    private static final Duration SHORT = Duration.ofMillis(10);
    private static final Duration LONG = Duration.ofHours(1);
    private static final int MANY = 10_000;

    private final List<Task<Object>> tasks = new ArrayList<>();

    /** A task that awaits what is made of another one, which may be created later. */
    private Task<Object> task(String name, int other, Function<Task<?>, Future<?>> made) {
        Task<Object> task = createTask(name, () -> await(made.apply(tasks.get(other))));
        tasks.add(task);
        return task;
    }

    private static void assertDeadlock(ThrowingCallable call, String words) {
        assertThatThrownBy(call).isInstanceOf(IllegalStateException.class).hasMessageContaining("Deadlock: " + words);
    }

    @LoopTest
    void twoTasksThatAwaitEachOtherGetAnErrorWithBothPlaces() throws Exception {
        Task<Object> a = createTask("a", () -> await(tasks.get(1)));
        Task<Object> b = createTask("b", () -> awaitInAnotherMethod(a));
        tasks.addAll(List.of(a, b));
        assertThatThrownBy(() -> await(b))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Deadlock: task b would wait for task a, which waits for task b")
                .hasMessageContaining("task b awaits at ")
                .hasMessageContaining("awaitInAnotherMethod(TaskDeadlockTest.java:")
                .hasMessageContaining("task a awaits at ")
                .hasMessageContaining("twoTasksThatAwaitEachOtherGetAnErrorWithBothPlaces");
        assertThatThrownBy(() -> await(a)).as("what b has failed with").hasMessageContaining("Deadlock");
    }

    private static Object awaitInAnotherMethod(Task<?> task) throws Exception {
        return await(task);
    }

    @LoopTest
    void aCircleThroughAGatherIsAnError() throws Exception {
        task("a", 1, other -> gather(other));
        Task<Object> b = task("b", 0, other -> gather(other));
        assertDeadlock(() -> await(b), "task b would wait for task a");
        assertDeadlock(() -> await(tasks.getFirst()), "");
    }

    @LoopTest
    void aTaskThatGathersItselfGetsAnError() throws Exception {
        Task<Object> a = task("a", 0, self -> gather(self));
        assertDeadlock(() -> await(a), "task a would wait for itself");
        assertDeadlock(() -> await(task("b", 1, self -> gather(gather(self), shield(self)))), "");
    }

    @LoopTest
    void aCircleThroughAShieldIsAnError() throws Exception {
        task("a", 1, Async::shield);
        Task<Object> b = task("b", 0, Async::shield);
        assertDeadlock(() -> await(b), "task b would wait for task a");
        assertDeadlock(() -> await(tasks.getFirst()), "");
    }

    @LoopTest
    void theLastOfManyThatAwaitTheOneThatGathersThemClosesTheCircle() throws Exception {
        List<Task<Object>> children = new ArrayList<>();
        Task<Object> parent = createTask("parent", () -> await(gather(children)));
        for (int i = 0; i < 3; i++) {
            children.add(createTask("child " + i, () -> await(parent)));
        }
        assertDeadlock(() -> await(parent), "task child 2 would wait for task parent");
        for (Task<Object> child : children) {
            assertDeadlock(() -> await(child), "");
        }
    }

    @LoopTest
    void oneChildIsEnoughWhereAllHaveToEnd() throws Exception {
        Promise<Object> promise = EventLoop.current().createFuture();
        Task<Object> parent = createTask("parent", () -> await(gatherOutcomes(promise, tasks.getFirst())));
        tasks.add(createTask("child", () -> await(parent)));
        assertDeadlock(() -> await(tasks.getFirst()), "task child would wait for task parent");
        promise.setResult("end");
        assertThat(await(parent)).isInstanceOf(List.class);
    }

    @LoopTest
    void aTaskThatWaitsOnOneThatAwaitsItGetsAnError() throws Exception {
        Promise<Object> promise = EventLoop.current().createFuture();
        Task<Object> a = createTask("a", () -> waitOn(List.of(tasks.getFirst(), promise), ReturnWhen.ALL_COMPLETED));
        tasks.add(createTask("b", () -> await(a)));
        assertDeadlock(() -> await(tasks.getFirst()), "task b would wait for task a");
        a.cancel();
        assertThatThrownBy(() -> await(a)).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void aChildThatAwaitsTheParentOfItsGroupFailsTheGroup() throws Exception {
        Task<Object> parent = createTask(
                "parent",
                () -> taskGroup(group -> {
                    group.createTask("sleeper", () -> sleep(LONG));
                    group.createTask("child", () -> await(tasks.getFirst()));
                    return null;
                }));
        tasks.add(parent);
        yieldNow();
        yieldNow();
        assertThat(parent.done()).as("the sleeper may fail, and end the group").isFalse();
        Task<Object> alone = createTask(
                "alone",
                () -> taskGroup(group -> {
                    group.createTask("child", () -> await(tasks.getLast()));
                    return null;
                }));
        tasks.add(alone);
        assertDeadlock(() -> await(alone), "task child would wait for task alone");
        parent.cancel();
        assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void aGroupWhoseBodyEndsAfterItsChildHasBegunToAwaitTheParentFails() throws Exception {
        List<String> events = new ArrayList<>();
        Task<Object> parent = createTask(
                "parent",
                () -> taskGroup(group -> {
                    group.createTask("child", () -> {
                        try {
                            await(tasks.getFirst());
                        } catch (CancelledError e) {
                            events.add("the child was cancelled");
                            throw e;
                        }
                    });
                    sleep(SHORT);
                    return null;
                }));
        tasks.add(parent);
        assertDeadlock(() -> await(parent), "task parent would wait for task child, which waits for task parent");
        assertThat(events).containsExactly("the child was cancelled");
    }

    @LoopTest
    void aGroupInATimeoutEndsAlthoughAGrandchildAwaitsItsTask() throws Exception {
        Task<Object> parent = createTask(
                "parent",
                () -> timeout(
                        SHORT,
                        () -> taskGroup(group -> {
                            group.createTask(() -> taskGroup(inner -> inner.createTask(() -> await(tasks.getFirst()))));
                            return null;
                        })));
        tasks.add(parent);
        assertThatThrownBy(() -> await(parent)).isInstanceOf(TimeoutException.class);
    }

    @LoopTest
    void awaitingATaskThatWantsALockThatOneHoldsIsAnError() throws Exception {
        var lock = new Lock();
        lock.with(() -> {
            Task<Void> inner = createTask("inner", () -> lock.with(() -> {}));
            yieldNow();
            assertDeadlock(() -> await(inner), "task ");
            inner.cancel();
        });
    }

    @LoopTest
    void whatATimeoutCanEndIsNoDeadlock() throws Exception {
        Task<Object> a = createTask(() -> timeout(SHORT, () -> await(tasks.get(1))));
        Task<Object> b = createTask(() -> await(a));
        tasks.addAll(List.of(a, b));
        assertThatThrownBy(() -> await(a)).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> await(b)).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void whatSomethingElseCanEndIsNoDeadlock() throws Exception {
        Promise<Object> promise = EventLoop.current().createFuture();
        var go = new CountDownLatch(1);
        Future<Void> call = toThread(() -> {
            go.await();
            throw new IllegalArgumentException("end");
        });
        for (Future<?> end : List.of(promise, call)) {
            tasks.clear();
            Task<Object> a = createTask(() -> await(gather(tasks.get(1), end)));
            Task<Object> b = createTask(() -> await(a));
            tasks.addAll(List.of(a, b));
            for (int i = 0; i < 10; i++) {
                yieldNow();
            }
            assertThat(b.done()).isFalse();
            if (end == promise) {
                promise.setException(new IllegalArgumentException("end"));
            } else {
                go.countDown();
            }
            assertThatThrownBy(() -> await(b)).hasMessage("end");
        }
    }

    @LoopTest
    void aTaskThatAwaitsTheCircleOfOthersIsNotAccused() throws Exception {
        task("a", 1, Async::shield);
        Task<Object> outside = createTask("outside", () -> await(tasks.getFirst()));
        task("b", 0, Async::shield);
        assertDeadlock(() -> await(outside), "task b would wait for task a");
        assertDeadlock(() -> await(tasks.getFirst()), "");
        assertDeadlock(() -> await(tasks.getLast()), "");
    }

    private void chain(List<Integer> order, boolean closed) throws Exception {
        Promise<Object> bottom = EventLoop.current().createFuture();
        List<Promise<Object>> begins = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            int next = i + 1;
            Promise<Object> begin = EventLoop.current().createFuture();
            begins.add(begin);
            tasks.add(createTask("task " + i, () -> {
                await(begin);
                return await(next < MANY ? tasks.get(next) : closed ? tasks.getFirst() : bottom);
            }));
        }
        yieldNow();
        for (int i : order) {
            begins.get(i).setResult(null);
            yieldNow();
        }
        if (closed) {
            assertDeadlock(() -> await(tasks.getFirst()), "task task ");
            for (Task<Object> task : tasks) {
                assertThatThrownBy(() -> await(task)).isInstanceOf(IllegalStateException.class);
            }
        } else {
            bottom.setResult("end");
            assertThat(await(tasks.getFirst())).isEqualTo("end");
        }
    }

    private static List<Integer> numbers() {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    @LoopTest
    void aLongChainMayBeBuiltFromItsTop() throws Exception {
        chain(numbers(), false);
    }

    @LoopTest
    void aLongChainMayBeBuiltFromItsBottom() throws Exception {
        chain(numbers().reversed(), false);
    }

    @LoopTest
    void aLongChainMayBeBuiltInAnyOrder() throws Exception {
        List<Integer> order = numbers();
        Collections.shuffle(order, new Random(1));
        chain(order, false);
    }

    @LoopTest
    void aLongCircleIsAnErrorInTheOneThatClosesIt() throws Exception {
        List<Integer> order = numbers();
        Collections.shuffle(order, new Random(2));
        chain(order, true);
    }

    @LoopTest
    void childrenOfAGroupMayAwaitEachOtherInALongChain() throws Exception {
        taskGroup(group -> {
            Task<Integer> last = group.createTask(() -> {
                sleep(SHORT);
                return 0;
            });
            for (int i = 0; i < MANY; i++) {
                Task<Integer> before = last;
                last = group.createTask(() -> await(before) + 1);
                yieldNow();
            }
            assertThat(await(last)).isEqualTo(MANY);
        });
    }

    @LoopTest
    void aCircleThroughDeepGathersIsAnErrorAndNoStackOverflow() throws Exception {
        Task<Object> a = createTask("a", () -> {
            Future<?> deep = tasks.getFirst();
            for (int i = 0; i < 100_000; i++) {
                deep = shield(gather(deep));
            }
            return await(deep);
        });
        tasks.add(createTask("b", () -> await(a)));
        yieldNow();
        assertDeadlock(() -> await(tasks.getFirst()), "task b would wait for task a");
        assertDeadlock(() -> await(a), "");
    }

    @LoopTest
    void aGatherFailsWhenTheLastThatCouldStillEndItHasEnded() throws Exception {
        Task<Object> parent = createTask("parent", () -> await(gather(tasks.getFirst(), tasks.getLast())));
        tasks.add(createTask("child", () -> await(parent)));
        tasks.add(createTask("sleeper", () -> {
            sleep(SHORT);
            return null;
        }));
        assertDeadlock(() -> await(parent), "task child would wait for task parent, which waits for task child");
        assertDeadlock(() -> await(tasks.getFirst()), "");
    }

    @LoopTest
    void aGroupFailsWhenTheLastThatCouldStillEndItHasEnded() throws Exception {
        Task<Object> parent = createTask(
                "parent",
                () -> taskGroup(group -> {
                    group.createTask("child", () -> await(tasks.getFirst()));
                    group.createTask("sleeper", () -> sleep(SHORT));
                    return null;
                }));
        tasks.add(parent);
        assertDeadlock(() -> await(parent), "task child would wait for task parent, which waits for task child");
    }

    private Task<Object> parentWhoseBodyAwaitsAChildThatAwaitsIt(Coroutine.Action sibling) {
        Task<Object> parent = createTask(
                "parent",
                () -> taskGroup(group -> {
                    Task<Object> child = group.createTask("child", () -> await(tasks.getFirst()));
                    group.createTask("sibling", sibling);
                    return await(child);
                }));
        tasks.add(parent);
        return parent;
    }

    @LoopTest
    void failureOfASiblingEndsACircleOfBodyAndChild() {
        Task<Object> parent = parentWhoseBodyAwaitsAChildThatAwaitsIt(() -> {
            sleep(SHORT);
            throw new IllegalArgumentException("sibling");
        });
        assertThatThrownBy(() -> await(parent)).hasMessage("sibling");
    }

    @LoopTest
    void failureOfAGrandparentsChildEndsACircleOfBodyAndChild() {
        assertThatThrownBy(() -> taskGroup(group -> {
                    group.createTask("uncle", () -> {
                        sleep(SHORT);
                        throw new IllegalArgumentException("uncle");
                    });
                    Task<Object> parent = group.createTask(
                            "parent",
                            () -> taskGroup(inner -> {
                                Task<Object> child = inner.createTask("child", () -> await(tasks.getFirst()));
                                return await(child);
                            }));
                    tasks.add(parent);
                    await(parent);
                }))
                .hasMessage("uncle");
    }

    @LoopTest
    void circleOfBodyAndChildIsAnErrorWhenTheSiblingHasEnded() {
        Task<Object> parent = parentWhoseBodyAwaitsAChildThatAwaitsIt(() -> sleep(SHORT));
        assertDeadlock(() -> await(parent), "task child would wait for task parent");
    }

    @LoopTest
    void circleOfBodyAndChildIsAnErrorWhenTheSiblingWaitsForItToo() {
        Task<Object> parent = parentWhoseBodyAwaitsAChildThatAwaitsIt(() -> {
            sleep(SHORT);
            await(tasks.getFirst());
        });
        assertDeadlock(() -> await(parent), "task ");
    }

    @LoopTest
    void circleOfSiblingsIsAnErrorWhenTheThirdHasEnded() {
        assertDeadlock(
                () -> taskGroup(group -> {
                    tasks.add(group.createTask("a", () -> await(tasks.get(1))));
                    tasks.add(group.createTask("b", () -> await(tasks.get(0))));
                    group.createTask("third", () -> sleep(SHORT));
                }),
                "task b would wait for task a");
    }

    @LoopTest
    void groupThatASiblingCancelsEndsItsCircleWithoutAnError() throws Exception {
        List<String> events = new ArrayList<>();
        Task<Object> parent = createTask(
                "parent",
                () -> taskGroup(group -> {
                    Task<Object> child = group.createTask("child", () -> await(tasks.getFirst()));
                    group.createTask("sibling", () -> {
                        sleep(SHORT);
                        events.add("cancels the group");
                        group.cancel();
                    });
                    return await(child);
                }));
        tasks.add(parent);
        await(parent);
        assertThat(events).containsExactly("cancels the group");
    }

    @LoopTest
    void circleThatSomethingCanStillEndMayBeCancelled() throws Exception {
        Task<Object> parent = parentWhoseBodyAwaitsAChildThatAwaitsIt(() -> sleep(SHORT));
        sleep(SHORT.dividedBy(2));
        parent.cancel();
        assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
    }

    @LoopTest
    void circlesInManyGroupsAreFoundOneAfterTheOther() throws Exception {
        List<Task<Object>> parents = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int number = i;
            parents.add(createTask(
                    "parent " + i,
                    () -> taskGroup(group -> {
                        Task<Object> child = group.createTask(() -> await(parents.get(number)));
                        group.createTask("sleeper", () -> sleep(SHORT));
                        return await(child);
                    })));
        }
        for (Task<Object> parent : parents) {
            assertDeadlock(() -> await(parent), "task ");
        }
    }

    @LoopTest
    void aGatherOfManyIsNotWalkedAtEachEnd() throws Exception {
        List<Task<Integer>> children = new ArrayList<>();
        for (int i = 0; i < 10 * MANY; i++) {
            int number = i;
            children.add(createTask(() -> {
                yieldNow();
                return number;
            }));
        }
        Task<List<Integer>> all = createTask(() -> await(gather(children)));
        Task<List<Integer>> above = createTask(() -> await(shield(all)));
        assertThat(await(createTask(() -> await(gather(above, all))))).hasSize(2);
    }
}
