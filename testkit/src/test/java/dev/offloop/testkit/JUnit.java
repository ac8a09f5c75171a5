package dev.offloop.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.EventType;
import org.junit.platform.testkit.engine.Events;

/** Runs a class of tests that may fail. */
final class JUnit {

    private JUnit() {}

    record Results(List<String> names, List<Throwable> failures) {

        Throwable failure() {
            return failures.getFirst();
        }
    }

    static Results run(Class<?> tests) {
        Events events = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(tests))
                .configurationParameter(
                        "junit.jupiter.displayname.generator.default",
                        "org.junit.jupiter.api.DisplayNameGenerator$Standard")
                .execute()
                .allEvents();
        return new Results(
                events.started().stream()
                        .filter(event -> event.getTestDescriptor().isTest())
                        .map(event -> event.getTestDescriptor().getDisplayName())
                        .toList(),
                events.filter(event -> event.getType() == EventType.FINISHED)
                        .flatMap(event -> event.getPayload(TestExecutionResult.class).stream())
                        .flatMap(result -> result.getThrowable().stream())
                        .toList());
    }
}
