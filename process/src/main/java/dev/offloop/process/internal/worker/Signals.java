package dev.offloop.process.internal.worker;

/** What a terminal sends to all processes of a program, though it is for the program to decide. */
final class Signals {

    private Signals() {}

    static void ignore(String name) {
        try {
            sun.misc.Signal.handle(new sun.misc.Signal(name), sun.misc.SignalHandler.SIG_IGN);
        } catch (IllegalArgumentException reserved) {
            // java -Xrs: the user wants signals to end the process
        }
    }
}
