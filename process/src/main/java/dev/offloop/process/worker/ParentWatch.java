package dev.offloop.process.worker;

import java.util.Optional;

/** Ends this process when its parent has ended, whatever else goes on in it. */
final class ParentWatch {

    private static final long LOOK_MILLIS = 250;

    /** The exit code of a worker whose parent is gone; nobody is left to read it. */
    static final int ORPHANED = 70;

    private ParentWatch() {}

    static void start(long parent) {
        Thread.ofPlatform().daemon().name("offloop-parent-watch").start(() -> {
            try {
                while (isParent(parent)) {
                    Thread.sleep(LOOK_MILLIS);
                }
            } catch (InterruptedException e) {
                // nobody has a reason to: as good as the end
            }
            Runtime.getRuntime().halt(ORPHANED);
        });
    }

    private static boolean isParent(long pid) {
        Optional<ProcessHandle> parent = ProcessHandle.current().parent();
        return parent.isPresent() && parent.get().pid() == pid;
    }
}
