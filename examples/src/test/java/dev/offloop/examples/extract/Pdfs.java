package dev.offloop.examples.extract;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.common.PDStream;
import org.apache.pdfbox.pdmodel.graphics.form.PDFormXObject;

/** PDF files for tests. */
final class Pdfs {

    private static final int LEVELS = 12;
    private static final COSName NEXT = COSName.getPDFName("Next");

    private Pdfs() {}

    /** A small file whose page draws ten forms, of which each draws ten, and so on: it does not end. */
    static Path endless(Path file) throws IOException {
        try (PDDocument pdf = new PDDocument()) {
            PDFormXObject form = form(pdf, "", new PDResources());
            for (int level = 0; level < LEVELS; level++) {
                form = form(pdf, "/Next Do\n".repeat(10), resources(form));
            }
            PDPage page = new PDPage();
            pdf.addPage(page);
            page.setResources(resources(form));
            page.setContents(stream(pdf, "/Next Do\n", "", 0));
            pdf.save(file.toFile());
        }
        return file;
    }

    /** A small file whose only page unpacks to one text of 300 MB: it needs too much memory. */
    static Path memoryHungry(Path file) throws IOException {
        try (PDDocument pdf = new PDDocument()) {
            PDPage page = new PDPage();
            pdf.addPage(page);
            page.setContents(stream(pdf, "(", "a".repeat(1_000_000), 300));
            pdf.save(file.toFile());
        }
        return file;
    }

    private static PDResources resources(PDFormXObject next) {
        PDResources resources = new PDResources();
        resources.put(NEXT, next);
        return resources;
    }

    private static PDFormXObject form(PDDocument pdf, String content, PDResources resources) throws IOException {
        PDFormXObject form = new PDFormXObject(stream(pdf, content, "", 0));
        form.setResources(resources);
        form.setBBox(new PDRectangle(600, 800));
        return form;
    }

    private static PDStream stream(PDDocument pdf, String start, String more, int times) throws IOException {
        PDStream stream = new PDStream(pdf);
        byte[] bytes = more.getBytes(StandardCharsets.US_ASCII);
        try (var out = stream.createOutputStream(COSName.FLATE_DECODE)) {
            out.write(start.getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < times; i++) {
                out.write(bytes);
            }
        }
        return stream;
    }

    static void copyTo(Path folder, Path source, int copies) throws IOException {
        for (int i = 0; i < copies; i++) {
            Files.copy(source, folder.resolve("copy-%04d.pdf".formatted(i)));
        }
    }
}
