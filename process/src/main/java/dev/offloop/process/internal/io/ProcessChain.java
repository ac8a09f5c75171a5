package dev.offloop.process.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The processes from the one that was started to the JVM of a worker. As a rule that is one: {@code nice} and the like
 * become what they start. A command such as {@code bwrap} starts the JVM as its child instead and waits for it.
 */
final class ProcessChain {

    private static final int LONGEST = 8;

    private ProcessChain() {}

    /**
     * The processes below one, outermost first, as far as each has one thread and one child, which a JVM has not. Empty
     * where the system does not say.
     */
    static List<Long> below(long pid) {
        List<Long> chain = new ArrayList<>();
        for (long last = pid; chain.size() < LONGEST && isSingleThreaded(last); ) {
            last = onlyChild(last);
            if (last == 0) {
                break;
            }
            chain.add(last);
        }
        return chain;
    }

    /** Whether a process has one thread; a JVM has more a few milliseconds after its start. */
    static boolean isSingleThreaded(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/status")).contains("\nThreads:\t1\n");
        } catch (IOException | RuntimeException notThere) {
            return false;
        }
    }

    private static long onlyChild(long pid) {
        try {
            String children = Files.readString(Path.of("/proc/" + pid + "/task/" + pid + "/children"))
                    .trim();
            return children.matches("[0-9]{1,18}") ? Long.parseLong(children) : 0;
        } catch (IOException | RuntimeException notThere) {
            return 0;
        }
    }
}
