package dev.offloop;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.taskGroup;
import static dev.offloop.Async.timeout;
import static dev.offloop.Async.yieldNow;
import static dev.offloop.testkit.TestLoop.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.internal.util.Sneaky;
import dev.offloop.testkit.LoopTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class TaskGroupTest {

    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void awaitsAllChildren() throws Exception {
        List<String> events = new ArrayList<>();
        String result = run(() -> taskGroup(group -> {
            group.createTask(() -> {
                yieldNow();
                events.add("one");
            });
            group.createTask(() -> {
                yieldNow();
                yieldNow();
                events.add("two");
            });
            return "body";
        }));
        assertThat(result).isEqualTo("body");
        assertThat(events).containsExactly("one", "two");
    }

    @LoopTest
    void theFirstFailureCancelsSiblingsAndBody() throws Exception {
        List<String> events = new ArrayList<>();
        var thrown = new IllegalStateException("first");
        assertThatThrownBy(() -> taskGroup(group -> {
                    group.createTask(() -> {
                        try {
                            sleep(LONG);
                        } catch (CancelledError e) {
                            events.add("sibling");
                            throw e;
                        }
                    });
                    group.createTask(() -> {
                        throw thrown;
                    });
                    try {
                        sleep(LONG);
                    } catch (CancelledError e) {
                        events.add("body");
                        throw e;
                    }
                }))
                .isSameAs(thrown);
        assertThat(events).containsExactlyInAnyOrder("sibling", "body");
        assertThat(Task.current().cancelling()).isZero();
        yieldNow();
    }

    /** A child that fails when it is cancelled. */
    private static Coroutine.Action failsAtTheEnd(Throwable thrown) {
        return () -> {
            try {
                sleep(LONG);
            } catch (CancelledError e) {
                throw Sneaky.rethrow(thrown);
            }
        };
    }

    @LoopTest
    void theOthersAreSuppressedInTheFirst() throws Exception {
        var first = new IllegalStateException("first");
        var second = new IllegalStateException("second");
        assertThatThrownBy(() -> taskGroup(group -> {
                    group.createTask(failsAtTheEnd(second));
                    yieldNow();
                    throw first;
                }))
                .isSameAs(first);
        assertThat(first.getSuppressed()).containsExactly(second);
    }

    @LoopTest
    void anErrorGoesBeforeExceptions() throws Exception {
        var error = new AssertionError("worse");
        assertThatThrownBy(() -> taskGroup(group -> {
                    group.createTask(failsAtTheEnd(error));
                    yieldNow();
                    throw new IllegalStateException("first");
                }))
                .isSameAs(error);
    }

    @LoopTest
    void anExceptionOfTheBodyCancelsTheChildren() throws Exception {
        List<Task<Void>> children = new ArrayList<>();
        var thrown = new IllegalStateException("body");
        assertThatThrownBy(() -> taskGroup(group -> {
                    children.add(group.createTask(() -> sleep(LONG)));
                    yieldNow();
                    throw thrown;
                }))
                .isSameAs(thrown);
        assertThat(children.getFirst().cancelled()).isTrue();
    }

    @LoopTest
    void aCancelledChildIsNoFailure() throws Exception {
        taskGroup(group -> {
            Task<Void> child = group.createTask(() -> sleep(LONG));
            yieldNow();
            child.cancel();
        });
    }

    @LoopTest
    void aCancellationFromOutsideCancelsTheChildren() throws Exception {
        List<Task<Void>> children = new ArrayList<>();
        Task<Void> parent = createTask(() -> taskGroup(group -> {
            children.add(group.createTask(() -> sleep(LONG)));
        }));
        yieldNow();
        yieldNow();
        parent.cancel("outside");
        assertThatThrownBy(() -> await(parent))
                .isInstanceOf(CancelledError.class)
                .hasMessage("outside");
        assertThat(children.getFirst().cancelled()).isTrue();
    }

    @LoopTest
    void aCancellationFromOutsideIsNotLostWhenAChildFailsAsWell() throws Exception {
        List<String> events = new ArrayList<>();
        Task<Void> parent = createTask(() -> {
            try {
                taskGroup(group -> {
                    group.createTask(() -> {
                        try {
                            sleep(LONG);
                        } catch (CancelledError e) {
                            throw new IllegalStateException("while ending");
                        }
                    });
                });
            } catch (IllegalStateException e) {
                events.add(e.getMessage());
            }
            yieldNow();
            events.add("not reached");
        });
        yieldNow();
        yieldNow();
        parent.cancel();
        assertThatThrownBy(() -> await(parent)).isInstanceOf(CancelledError.class);
        assertThat(events).containsExactly("while ending");
    }

    @LoopTest
    void groupsNest() throws Exception {
        var thrown = new IllegalStateException("inner");
        assertThatThrownBy(() -> taskGroup(outer -> {
                    outer.createTask(() -> taskGroup(inner -> {
                        inner.createTask(() -> {
                            throw thrown;
                        });
                    }));
                    sleep(LONG);
                }))
                .isSameAs(thrown);
    }

    @LoopTest
    void cancelEndsTheGroupQuietly() throws Exception {
        List<Task<Void>> children = new ArrayList<>();
        taskGroup(group -> {
            children.add(group.createTask(() -> sleep(LONG)));
            group.createTask(() -> {
                yieldNow();
                group.cancel();
            });
            sleep(LONG);
        });
        assertThat(children.getFirst().cancelled()).isTrue();
        assertThat(Task.current().cancelling()).isZero();
        yieldNow();
    }

    @LoopTest
    void aFailureIsRaisedFromACancelledGroupToo() throws Exception {
        assertThatThrownBy(() -> taskGroup(group -> {
                    group.createTask(() -> {
                        try {
                            sleep(LONG);
                        } finally {
                            throwIt();
                        }
                    });
                    yieldNow();
                    group.cancel();
                }))
                .hasMessage("while ending");
    }

    private static void throwIt() {
        throw new IllegalStateException("while ending");
    }

    @LoopTest
    void noTaskStartsOnAFailedOrFinishedGroup() throws Exception {
        List<TaskGroup> groups = new ArrayList<>();
        taskGroup((TaskGroup.Action) groups::add);
        assertThatThrownBy(() -> groups.getFirst().createTask(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has ended");
        assertThatThrownBy(() -> taskGroup(group -> {
                    group.createTask(() -> {
                        throw new IllegalArgumentException("no");
                    });
                    try {
                        sleep(LONG);
                    } finally {
                        assertThatThrownBy(() -> group.createTask(() -> 1))
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("failed");
                    }
                }))
                .hasMessage("no");
    }

    @LoopTest
    void startReturnsWhenTheChildIsReady() throws Exception {
        taskGroup(group -> {
            List<String> events = new ArrayList<>();
            int port = group.start(status -> {
                yieldNow();
                status.started(8080);
                yieldNow();
                events.add("serving");
            });
            assertThat(port).isEqualTo(8080);
            assertThat(events).isEmpty();
        });
    }

    @LoopTest
    void startRaisesWhatTheChildThrewBeforeItWasReady() throws Exception {
        taskGroup(group -> {
            assertThatThrownBy(() -> group.start(_ -> {
                        throw new IllegalStateException("port in use");
                    }))
                    .hasMessage("port in use");
            assertThatThrownBy(() -> group.start(_ -> {})).hasMessageContaining("without calling started");
        });
    }

    @LoopTest
    void aTimeoutAroundAGroupIsATimeout() throws Exception {
        assertThatThrownBy(() -> timeout(
                        Duration.ofMillis(10),
                        () -> taskGroup(group -> {
                            group.createTask(() -> sleep(LONG));
                        })))
                .isInstanceOf(TimeoutException.class);
    }
}
