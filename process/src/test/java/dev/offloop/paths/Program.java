package dev.offloop.paths;

import dev.offloop.process.ProcessPoolExecutor;
import java.util.Arrays;

/** What the tests run: says how it finds Offloop, what a worker has computed, and how that was started. */
public final class Program {

    private Program() {}

    /** Loaded by workers that are asked to. */
    static final class Own {
        private Own() {}
    }

    private static String worker(int n) {
        return "result: " + n * 6 + ", arguments: "
                + String.join(" ", ProcessHandle.current().info().arguments().orElseThrow());
    }

    /** Loads classes, and may end the process in the middle of the call. */
    private static String load(String what) throws ReflectiveOperationException {
        Object _ = new Own();
        if (what.equals("much")) {
            Object _ = Class.forName("java.net.http.HttpClient")
                    .getMethod("newHttpClient")
                    .invoke(null);
        } else if (what.equals("and-crash")) {
            Runtime.getRuntime().halt(1);
        }
        return "loaded";
    }

    /**
     * A worker that may start as fast as it can, then one that may not.
     *
     * @param args what the first worker loads, then arguments of its JVM; or nothing
     */
    public static void main(String[] args) throws Exception {
        int n = 7;
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .jvmArguments(Arrays.stream(args).skip(1).toArray(String[]::new))
                .build()) {
            System.out.println("named: " + ProcessPoolExecutor.class.getModule().isNamed() + ", "
                    + pool.submit(() -> worker(n)).get());
            if (args.length > 0) {
                String what = args[0];
                pool.submit(() -> load(what))
                        .handle((loaded, e) -> {
                            System.out.println(e == null ? loaded : "crashed");
                            return null;
                        })
                        .get();
                return;
            }
        }
        try (var pool =
                ProcessPoolExecutor.builder().maxWorkers(1).aotCache(null).build()) {
            System.out.println(
                    "without a cache: " + pool.submit(() -> worker(n)).get());
        }
    }
}
