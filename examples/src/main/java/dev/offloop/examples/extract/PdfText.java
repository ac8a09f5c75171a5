package dev.offloop.examples.extract;

import java.io.IOException;
import java.util.logging.LogManager;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.text.PDFTextStripper;

/**
 * Reads a PDF file. It runs in a worker process: it needs the processor, and a hostile file may take the JVM with it.
 */
final class PdfText {

    static {
        // The parser's complaints about broken files would run across the progress bar; the database has the errors.
        LogManager.getLogManager().reset();
    }

    private PdfText() {}

    /** The file needs a password. */
    static final class EncryptedException extends IOException {
        private static final long serialVersionUID = 1;

        EncryptedException(InvalidPasswordException cause) {
            super(cause.getMessage());
        }
    }

    static Document read(String file) throws IOException {
        try (PDDocument pdf = Loader.loadPDF(new java.io.File(file))) {
            String text = new PDFTextStripper().getText(pdf);
            return new Document(pdf.getDocumentInformation().getTitle(), pdf.getNumberOfPages(), text);
        } catch (InvalidPasswordException e) {
            throw new EncryptedException(e);
        }
    }
}
