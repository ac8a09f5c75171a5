package dev.offloop.process.internal.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of classes that workers have loaded: what an AOT cache is made of.
 *
 * @param names the names, as {@code Class.forName} takes them
 */
record ClassList(Set<String> names) {

    /** More than any program loads; a list of more was not written by a JVM that runs one. */
    private static final int MAX_NAMES = 40_000;

    /** What a JVM logs for a class that has a file. Hidden classes and proxies have none. */
    private static final Pattern LOADED =
            Pattern.compile("([\\w.$]+) source: (jrt:|file:|shared objects file).*", Pattern.UNICODE_CHARACTER_CLASS);

    private static final Pattern PROXY = Pattern.compile(".*\\$Proxy\\d+");
    private static final String ARCHIVED = "shared objects file";

    /** A new cache has to be worth the two seconds of a processor that it costs. */
    private static final int FEW = 50;

    /**
     * What one JVM has logged.
     *
     * @param all the classes it loaded
     * @param fromArchive those of them that it had from an archive
     */
    record Log(ClassList all, Set<String> fromArchive) {

        /** Reads a log, which other processes may still write to. */
        static Log read(InputStream in) throws IOException {
            Set<String> all = new TreeSet<>();
            Set<String> fromArchive = new TreeSet<>();
            var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null && all.size() < MAX_NAMES; line = lines.readLine()) {
                Matcher loaded = LOADED.matcher(line);
                if (loaded.matches() && !PROXY.matcher(loaded.group(1)).matches()) {
                    all.add(loaded.group(1));
                    if (loaded.group(2).equals(ARCHIVED)) {
                        fromArchive.add(loaded.group(1));
                    }
                }
            }
            return new Log(new ClassList(all), fromArchive);
        }

        /** Whether a class was loaded from its own file. */
        boolean hasFromElsewhere(String name) {
            return all.names.contains(name) && !fromArchive.contains(name);
        }
    }

    /** These and those. */
    ClassList with(ClassList more) {
        Set<String> both = new TreeSet<>(names);
        both.addAll(more.names);
        return both.size() > MAX_NAMES ? more : new ClassList(both);
    }

    /**
     * Whether a JVM that used a cache of these classes has loaded enough others to make it anew. What it had from the
     * archive is in the cache, by whatever way.
     */
    boolean lacksMuchOf(Log log) {
        long missing = log.all.names.stream()
                .filter(name -> !names.contains(name) && !log.fromArchive.contains(name))
                .count();
        return missing > FEW && missing > names.size() / 20;
    }

    /** Loads the classes, without running any code of theirs. Those that are not there any more are left out. */
    void load(ClassLoader loader) {
        for (String name : names) {
            try {
                Class<?> _ = Class.forName(name, false, loader);
            } catch (ClassNotFoundException | LinkageError another) {
                // of another class loader, or nothing that this JVM can use
            }
        }
    }
}
