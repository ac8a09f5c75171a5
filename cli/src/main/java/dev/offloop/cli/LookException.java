package dev.offloop.cli;

/** Says in one line why a program cannot be looked at. */
final class LookException extends Exception {

    private static final long serialVersionUID = 1;

    LookException(String message) {
        super(message);
    }
}
