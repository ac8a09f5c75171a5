package dev.offloop.process;

/** The worker's memory was full: its own heap, or that of the machine or container, for which the kernel killed it. */
public final class WorkerOutOfMemoryException extends WorkerCrashedException {

    private static final long serialVersionUID = 1;

    private final boolean byKernel;

    WorkerOutOfMemoryException(long pid, ExitStatus status, String details, boolean byKernel) {
        super(pid, status, details);
        this.byKernel = byKernel;
    }

    /** Whether the kernel killed it; else its heap was full, which {@link ProcessPoolExecutor.Builder#maxHeap} limits. */
    public boolean killedByKernel() {
        return byKernel;
    }
}
