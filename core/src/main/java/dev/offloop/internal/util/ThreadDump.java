package dev.offloop.internal.util;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which monitors all threads, virtual ones too, hold and wait for: what the JDK writes into a file, read back. */
public final class ThreadDump {

    private static final Pattern THREAD = Pattern.compile("^#(\\d+) \"(.*?)\" ");
    private static final Pattern OWNED = Pattern.compile("^\\s+- locked <(.+)>");
    private static final Pattern AWAITED = Pattern.compile("^\\s+- waiting to lock <(.+)>");

    private final Map<String, Long> owners = new HashMap<>();
    private final Map<Long, String> awaited = new HashMap<>();
    private final Map<Long, String> names = new HashMap<>();

    private ThreadDump() {}

    /** Null if this JVM has no means to make one. */
    public static @Nullable ThreadDump take() {
        try {
            return written();
        } catch (IOException | RuntimeException | LinkageError e) { // no place for a file, or no module jdk.management
            return null;
        }
    }

    private static ThreadDump written() throws IOException {
        Path folder = Files.createTempDirectory("offloop");
        Path file = folder.resolve("threads.txt");
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
            return read(file);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    private static ThreadDump read(Path file) throws IOException {
        var dump = new ThreadDump();
        long thread = 0;
        for (String line : Files.readAllLines(file)) {
            Matcher begin = THREAD.matcher(line);
            Matcher owned = OWNED.matcher(line);
            Matcher awaited = AWAITED.matcher(line);
            if (begin.find()) {
                thread = Long.parseLong(begin.group(1));
                dump.names.put(thread, begin.group(2));
            } else if (owned.find()) {
                dump.owners.put(owned.group(1), thread);
            } else if (awaited.find()) {
                dump.awaited.put(thread, awaited.group(1));
            }
        }
        return dump;
    }

    /** The monitor that a thread waits for. */
    @Nullable
    public String awaitedBy(long thread) {
        return awaited.get(thread);
    }

    @Nullable
    public Long ownerOf(String monitor) {
        return owners.get(monitor);
    }

    /** Returns the owner of a monitor, for messages; null if it has none. */
    @Nullable
    public String ownersName(String monitor) {
        Long owner = owners.get(monitor);
        String name = owner == null ? "" : names.getOrDefault(owner, "");
        return owner == null ? null : name.isEmpty() ? "virtual thread #" + owner : "thread '" + name + "'";
    }
}
