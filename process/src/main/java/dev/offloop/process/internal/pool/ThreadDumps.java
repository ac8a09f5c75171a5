package dev.offloop.process.internal.pool;

/** Thread dumps as workers send them: the thread that runs the function first. */
final class ThreadDumps {

    private ThreadDumps() {}

    static String firstThreadOf(String dump) {
        int second = dump.indexOf("\n\"");
        return second < 0 ? dump : dump.substring(0, second);
    }
}
