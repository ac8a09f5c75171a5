package dev.offloop.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What workers that have just started are worth: reads PDF files with PDFBox in fresh JVMs, by threads and by two
 * worker processes, with each {@code Jit}, without an AOT cache and with one that was trained on other files; and the
 * first result of a new pool in a fresh JVM, beside CPython's. Prints a table of medians.
 *
 * <p>{@code bench/target/launch dev.offloop.bench.ColdStart FOLDER [ROUNDS [PASSES [NICENESS]]]}: of the PDF files in
 * the folder, one half trains and the other is measured. The variants take turns, each in a JVM of its own
 * ({@link ColdStartRun}). Where other processes keep the machine busy, a niceness of 0 measures the workers, and the
 * default of 19 how much the others leave to them.
 */
final class ColdStart {

    /** Few enough for a JVM that compiles while it works to be measured, and not one that has done so. */
    private static final int READS = 900;

    private static final int FIRST_RESULTS = 9;
    private static final String SPAWN = """
            import time, sys
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context
            if __name__ == "__main__":
                start = time.perf_counter()
                pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
                pool.submit(abs, -1).result()
                print((time.perf_counter() - start) * 1000)
            """;

    private final Path work;
    private final Path files;
    private final int passes;
    private final String niceness;

    private ColdStart(Path work, Path files, int passes, String niceness) {
        this.work = work;
        this.files = files;
        this.passes = passes;
        this.niceness = niceness;
    }

    /** The times of one variant: of the first pass, and of all. */
    private record Times(List<Double> first, List<Double> all) {}

    static void main(String[] args) throws Exception {
        if (args.length == 0) {
            throw new IllegalArgumentException("usage: ColdStart FOLDER-OF-PDF-FILES [ROUNDS [PASSES [NICENESS]]]");
        }
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        int passes = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        Path work = Files.createTempDirectory("offloop-cold-start-");
        try (Stream<Path> all = Files.list(Path.of(args[0]))) {
            List<String> pdfs = all.map(Path::toString)
                    .filter(file -> file.toLowerCase(Locale.ROOT).endsWith(".pdf"))
                    .sorted()
                    .toList();
            Path train = Files.write(work.resolve("train"), everySecond(pdfs, 0));
            Path measure = Files.write(work.resolve("measure"), everySecond(pdfs, 1));
            var bench = new ColdStart(work, measure, passes, args.length > 3 ? args[3] : "19");
            bench.trainOn(train);
            bench.measure(rounds);
            bench.measureFirstResult();
        } finally {
            delete(work);
        }
    }

    /** Half of the files, as often as it takes for so many reads. */
    private static List<String> everySecond(List<String> files, int from) {
        List<String> half = new ArrayList<>();
        for (int i = from; i < files.size(); i += 2) {
            half.add(files.get(i));
        }
        if (half.isEmpty()) {
            throw new IllegalArgumentException("There are no two PDF files in the folder");
        }
        List<String> all = new ArrayList<>();
        while (all.size() < READS) {
            all.addAll(half);
        }
        return all;
    }

    private void trainOn(Path train) throws IOException, InterruptedException {
        for (String jit : List.of("PEAK", "BALANCED", "QUICK")) {
            var _ = run("2", jit, caches().toString(), train.toString(), "1");
            awaitMaker();
        }
        var _ = run("first-result", caches().toString());
        awaitMaker();
    }

    private Path caches() {
        return work.resolve("caches");
    }

    /** The process that makes a cache shall not be measured. */
    private void awaitMaker() throws IOException, InterruptedException {
        boolean makes = true;
        while (makes) {
            Thread.sleep(200);
            try (Stream<Path> files = Files.list(caches())) {
                makes = files.anyMatch(file -> file.toString().matches(".*\\.(new|tried|names|config)"));
            }
        }
    }

    private void measure(int rounds) throws IOException, InterruptedException {
        Map<String, List<String>> variants = new LinkedHashMap<>();
        variants.put("one JVM, one thread", List.of("1", "threads", "none"));
        variants.put("one JVM, two threads", List.of("2", "threads", "none"));
        for (String jit : List.of("PEAK", "BALANCED", "QUICK")) {
            variants.put("two workers, `" + jit + "`", List.of("2", jit, "none"));
            variants.put("two workers, `" + jit + "`, trained cache", List.of("2", jit, caches().toString()));
        }
        Map<String, Times> times = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (var variant : variants.entrySet()) {
                List<String> arguments = new ArrayList<>(variant.getValue());
                arguments.add(files.toString());
                arguments.add(Integer.toString(passes));
                double[] seconds = run(arguments.toArray(String[]::new));
                Times all =
                        times.computeIfAbsent(variant.getKey(), _ -> new Times(new ArrayList<>(), new ArrayList<>()));
                all.first.add(seconds[0]);
                all.all.add(Arrays.stream(seconds).sum());
                awaitMaker();
            }
        }
        print(times);
    }

    private void print(Map<String, Times> times) {
        Times one = times.get("one JVM, one thread");
        Times two = times.get("one JVM, two threads");
        if (one == null || two == null) {
            throw new IllegalStateException("nothing was measured");
        }
        System.out.printf(
                "| | first pass, s | one thread is … times as long | %d passes, s | two threads are …%n", passes);
        System.out.println("|---|---:|---:|---:|---:|");
        times.forEach((name, all) -> System.out.printf(
                Locale.ROOT,
                "| %s | %.1f | %.2f | %.1f | %.2f |%n",
                name,
                median(all.first),
                median(one.first) / median(all.first),
                median(all.all),
                median(two.all) / median(all.all)));
    }

    private void measureFirstResult() throws IOException, InterruptedException {
        Path script = Files.writeString(work.resolve("spawn.py"), SPAWN);
        boolean python = new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        Map<String, List<Double>> millis = new LinkedHashMap<>();
        for (int round = 0; round < FIRST_RESULTS; round++) {
            first(millis, "", run("first-result", "none"));
            first(millis, ", trained cache", run("first-result", caches().toString()));
            awaitMaker();
            if (python) {
                double[] spawn = numbers(List.of("python3", script.toString()));
                millis.computeIfAbsent("CPython, spawn", _ -> new ArrayList<>()).add(spawn[0]);
            }
        }
        System.out.println("\n| first result of a new pool | ms |\n|---|---:|");
        millis.forEach((name, all) -> System.out.printf(Locale.ROOT, "| %s | %.0f |%n", name, median(all)));
    }

    private static void first(Map<String, List<Double>> millis, String suffix, double[] fresh) {
        millis.computeIfAbsent("in a fresh JVM" + suffix, _ -> new ArrayList<>())
                .add(fresh[0]);
        millis.computeIfAbsent("the tenth pool of a JVM" + suffix, _ -> new ArrayList<>())
                .add(fresh[1]);
    }

    private static double median(List<Double> all) {
        double[] sorted = all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private double[] run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Dniceness=" + niceness,
                ColdStartRun.class.getName()));
        command.addAll(List.of(arguments));
        return numbers(command);
    }

    /** What a program prints. */
    private static double[] numbers(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("failed: " + command);
        }
        return Stream.of(printed.strip().split("\\s+", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
