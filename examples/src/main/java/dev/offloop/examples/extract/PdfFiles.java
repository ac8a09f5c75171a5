package dev.offloop.examples.extract;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * The PDF files below some folders, each once. Walking folders blocks, so it runs on a thread.
 *
 * @param files the files, sorted
 * @param unreadable the folders that could not be entered, and why
 */
record PdfFiles(List<Path> files, List<String> unreadable) {

    static PdfFiles find(Collection<Path> roots) throws IOException {
        var files = new TreeSet<Path>();
        List<String> unreadable = new ArrayList<>();
        for (Path root : roots) {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile() && isPdf(file)) {
                        files.add(file.toAbsolutePath().normalize());
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    unreadable.add(file + ": " + e);
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        return new PdfFiles(List.copyOf(files), List.copyOf(unreadable));
    }

    static boolean isPdf(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".pdf");
    }
}
