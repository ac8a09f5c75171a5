package dev.offloop.paths;

import dev.offloop.process.ProcessPoolExecutor;

/** What the tests run: says how it finds Offloop, what a worker has computed, and how that was started. */
public final class Program {

    private Program() {}

    private static String worker(int n) {
        return "result: " + n * 6 + ", arguments: "
                + String.join(" ", ProcessHandle.current().info().arguments().orElseThrow());
    }

    /** A worker that may start as fast as it can, then one that may not. */
    public static void main(String[] args) throws Exception {
        int n = 7;
        try (var pool = ProcessPoolExecutor.create(1)) {
            System.out.println("named: " + ProcessPoolExecutor.class.getModule().isNamed() + ", "
                    + pool.submit(() -> worker(n)).get());
        }
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).aotCache(null).build()) {
            System.out.println(
                    "without a cache: " + pool.submit(() -> worker(n)).get());
        }
    }
}
