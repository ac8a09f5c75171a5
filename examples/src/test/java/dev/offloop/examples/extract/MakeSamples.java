package dev.offloop.examples.extract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts.FontName;
import org.jspecify.annotations.Nullable;

/** Made the files in {@code examples/samples}, and makes them again if they have to change. */
final class MakeSamples {

    private static final float LEFT = 72;
    private static final float TOP = 720;

    private MakeSamples() {}

    /** Takes the folder to write to. */
    static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[0]));
        write(folder.resolve("hello.pdf"), "Hello", List.of("Hello, loop."), null);
        write(
                folder.resolve("three-pages.pdf"),
                "Three pages",
                List.of("One: the loop turns.", "Two: the workers read.", "Three: nobody waits."),
                null);
        write(folder.resolve("no-title.pdf"), null, List.of("A file without a title."), null);
        write(folder.resolve("encrypted.pdf"), "Secret", List.of("You need the password."), "open sesame");
        byte[] whole = Files.readAllBytes(folder.resolve("three-pages.pdf"));
        Files.write(folder.resolve("broken.pdf"), scrambled(whole));
    }

    private static void write(Path file, @Nullable String title, List<String> pages, @Nullable String password)
            throws IOException {
        try (PDDocument pdf = new PDDocument()) {
            if (title != null) {
                pdf.getDocumentInformation().setTitle(title);
            }
            for (String text : pages) {
                PDPage page = new PDPage();
                pdf.addPage(page);
                try (PDPageContentStream content = new PDPageContentStream(pdf, page)) {
                    content.beginText();
                    content.setFont(new PDType1Font(FontName.HELVETICA), 14);
                    content.newLineAtOffset(LEFT, TOP);
                    content.showText(text);
                    content.endText();
                }
            }
            if (password != null) {
                pdf.protect(new StandardProtectionPolicy(password, password, new AccessPermission()));
            }
            pdf.save(file.toFile());
        }
    }

    /** The head of a PDF, then nothing that makes sense. */
    private static byte[] scrambled(byte[] pdf) {
        byte[] broken = Arrays.copyOf(pdf, pdf.length / 2);
        for (int i = 20; i < broken.length; i++) {
            broken[i] = (byte) (broken[i] ^ 0x55);
        }
        return broken;
    }
}
