package dev.offloop.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The guide shows code that is compiled and run: a Java block after {@code <!-- snippet: name -->} is what stands
 * between {@code // snippet: name} and {@code // end} in a test of this package. {@code -Dguide.update=true} copies it
 * there.
 */
class SnippetsTest {

    private static final Path GUIDE = Path.of("../docs/guide");
    private static final Path SOURCES = Path.of("src/test/java/dev/offloop/examples/guide");
    private static final Pattern REGION = Pattern.compile("(?s) *// snippet: (\\S+)\\n(.*?) *// end\\n");
    private static final Pattern BLOCK = Pattern.compile("(?s)<!-- snippet: (\\S+) -->\\n```java\\n(.*?)```\\n");

    @TestFactory
    Stream<DynamicTest> everyPageShowsWhatIsCompiled() throws IOException {
        Map<String, String> snippets = snippets();
        return Files.list(GUIDE)
                .filter(page -> page.toString().endsWith(".md"))
                .map(page -> DynamicTest.dynamicTest(page.getFileName().toString(), () -> check(page, snippets)));
    }

    private static void check(Path page, Map<String, String> snippets) throws IOException {
        String text = Files.readString(page);
        String fresh = BLOCK.matcher(text).replaceAll(block -> {
            String code = snippets.get(block.group(1));
            assertThat(code).as("snippet " + block.group(1)).isNotNull();
            return Matcher.quoteReplacement("<!-- snippet: " + block.group(1) + " -->\n```java\n" + code + "```\n");
        });
        if (Boolean.getBoolean("guide.update")) {
            Files.writeString(page, fresh);
        } else {
            assertThat(text).as("run the tests with -Dguide.update=true").isEqualTo(fresh);
        }
        assertThat(text.split("```java", -1))
                .as("Java blocks that are no snippets")
                .hasSameSizeAs(BLOCK.split(text, -1));
    }

    private static Map<String, String> snippets() throws IOException {
        Map<String, String> snippets = new LinkedHashMap<>();
        for (Path source : Files.list(SOURCES).sorted().toList()) {
            Matcher region = REGION.matcher(Files.readString(source));
            while (region.find()) {
                assertThat(snippets.put(
                                region.group(1), region.group(2).stripTrailing().stripIndent() + "\n"))
                        .isNull();
            }
        }
        return snippets;
    }
}
