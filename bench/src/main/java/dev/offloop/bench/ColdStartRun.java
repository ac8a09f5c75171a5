package dev.offloop.bench;

import dev.offloop.process.Jit;
import dev.offloop.process.ProcessPoolExecutor;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.LogManager;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;

/** One variant of {@link ColdStart}, in a JVM of its own. Prints its times. */
final class ColdStartRun {

    private static final int POOLS = 10;

    private ColdStartRun() {}

    /** Submits the reading of a file. */
    private interface Submitter {
        Future<Integer> submit(String file);
    }

    static void main(String[] args) throws Exception {
        if (args[0].equals("first-result")) {
            firstResults(args[1]);
        } else {
            read(Integer.parseInt(args[0]), args[1], args[2], Files.readAllLines(Path.of(args[3])), args[4]);
        }
    }

    private static ProcessPoolExecutor.Builder pool(String caches) {
        return ProcessPoolExecutor.builder()
                .maxWorkers(2)
                .niceness(Integer.getInteger("niceness", 19))
                .aotCache(caches.equals("none") ? null : Path.of(caches));
    }

    private static void firstResults(String caches) throws Exception {
        for (int i = 1; i <= POOLS; i++) {
            long start = System.nanoTime();
            try (ProcessPoolExecutor pool = pool(caches).build()) {
                int _ = pool.submit(() -> 1).get();
                if (i == 1 || i == POOLS) {
                    System.out.printf(Locale.ROOT, "%.3f%n", (System.nanoTime() - start) / 1e6);
                }
            }
        }
    }

    private static void read(int count, String how, String caches, List<String> files, String passes) throws Exception {
        long start = System.nanoTime();
        if (how.equals("threads")) {
            try (var threads = Executors.newFixedThreadPool(count)) {
                pass(file -> threads.submit(() -> Pdf.letters(file)), files, passes, start);
            }
        } else {
            try (ProcessPoolExecutor pool = pool(caches)
                    .maxWorkers(count)
                    .jit(Jit.valueOf(how))
                    .maxHeap("256m")
                    .build()) {
                pass(file -> pool.submit(() -> Pdf.letters(file)), files, passes, start);
            }
        }
    }

    private static void pass(Submitter submitter, List<String> files, String passes, long begin) throws Exception {
        long start = begin;
        for (int pass = 0; pass < Integer.parseInt(passes); pass++) {
            List<Future<Integer>> all = new ArrayList<>();
            for (String file : files) {
                all.add(submitter.submit(file));
            }
            for (Future<Integer> letters : all) {
                int _ = letters.get();
            }
            long now = System.nanoTime();
            System.out.printf(Locale.ROOT, "%.3f%n", (now - start) / 1e9);
            start = now;
        }
    }

    /** What a program would do with a file. */
    private static final class Pdf {

        static {
            LogManager.getLogManager().reset(); // the parser's complaints about broken files
        }

        private Pdf() {}

        static int letters(String file) {
            try (PDDocument pdf = Loader.loadPDF(new File(file))) {
                return new PDFTextStripper().getText(pdf).length();
            } catch (IOException | RuntimeException broken) {
                return -1;
            }
        }
    }
}
