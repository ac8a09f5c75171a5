package dev.offloop.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/** Where commands write, and with which colours: only on a terminal, and not where {@code NO_COLOR} is set. */
final class Output {

    private Output() {}

    static PrintWriter of(@Nullable CommandSpec spec) {
        return Objects.requireNonNull(spec, "picocli sets it").commandLine().getOut();
    }

    @SuppressWarnings("SystemConsoleNull") // it is null again since JDK 25, where there is no terminal
    static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    static boolean hasColours() {
        return isTerminal() && System.getenv("NO_COLOR") == null;
    }

    /** Marks text, with picocli's names for styles: {@code bold}, {@code fg(red)}. */
    static String styled(String style, String text) {
        return hasColours() ? Ansi.ON.new Text("@|" + style + " x|@").toString().replace("x", text) : text;
    }
}
