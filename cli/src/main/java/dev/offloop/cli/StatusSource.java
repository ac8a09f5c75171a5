package dev.offloop.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where {@code top} has its statuses from: a program, or a recording. */
abstract class StatusSource {

    /** Asks a program. */
    @FunctionalInterface
    interface Question {
        JsonNode ask() throws LookException;
    }

    private final String name;

    private StatusSource(String name) {
        this.name = name;
    }

    /** What is shown. */
    String heading() {
        return "offloop top, " + name;
    }

    /** Returns the next status; null at the end of a recording. */
    abstract @Nullable JsonNode next() throws LookException;

    /** Goes back so many statuses, if that is possible. */
    void back(int statuses) {}

    /** Goes to the last status of a recording. */
    void toLast() {}

    /** Whether it comes from a recording. */
    boolean isRecorded() {
        return false;
    }

    static StatusSource live(String name, Question question) {
        return new StatusSource(name) {
            @Override
            JsonNode next() throws LookException {
                return question.ask();
            }
        };
    }

    static StatusSource recorded(String name, List<JsonNode> all) {
        return new StatusSource(name) {
            private int next;

            @Override
            String heading() {
                return super.heading() + ", " + next + " of " + all.size();
            }

            @Override
            @Nullable
            JsonNode next() {
                return next < all.size() ? all.get(next++) : null;
            }

            @Override
            void back(int statuses) {
                next = Math.max(0, next - statuses);
            }

            @Override
            void toLast() {
                next = Math.max(0, all.size() - 1);
            }

            @Override
            boolean isRecorded() {
                return true;
            }
        };
    }
}
