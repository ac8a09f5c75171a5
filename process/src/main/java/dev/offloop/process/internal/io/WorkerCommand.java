package dev.offloop.process.internal.io;

import dev.offloop.process.Codec;
import dev.offloop.process.Jit;
import dev.offloop.process.WorkerDebug;
import dev.offloop.process.internal.pool.Sizes;
import dev.offloop.process.internal.wire.Reading;
import dev.offloop.process.internal.wire.Writing;
import java.io.File;
import java.io.ObjectInputFilter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The command line that starts a worker: by default this JVM's {@code java}, this program's class path or module path.
 */
public final class WorkerCommand {

    private static final Path OWN_JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    static final int LOWEST_PRIORITY = 19;

    private List<String> prefix = List.of();
    private int niceness = LOWEST_PRIORITY;
    private Path java = OWN_JAVA;
    private @Nullable Path aotFolder = AotCache.defaultFolder();
    private Jit jit = Jit.BALANCED;
    private @Nullable String maxHeap;
    private WorkerLimits limits = WorkerLimits.NOTHING;
    private List<String> jvmArguments = List.of();
    private final Map<String, @Nullable String> environment = new HashMap<>();
    private @Nullable String classPath;
    private @Nullable String serialFilter;
    private boolean plainResults;
    private WorkerDebug debug = WorkerDebug.OFF;
    private @Nullable Class<? extends Codec> codec;

    public void prefix(List<String> command) {
        this.prefix = command;
    }

    public void niceness(int niceness) {
        this.niceness = niceness;
    }

    public void aotFolder(@Nullable Path folder) {
        this.aotFolder = folder;
    }

    public void java(Path java) {
        this.java = java;
    }

    public void jit(Jit jit) {
        this.jit = jit;
    }

    public void maxHeap(String size) {
        this.maxHeap = size;
    }

    public WorkerLimits limits() {
        return limits;
    }

    public void limits(WorkerLimits limits) {
        this.limits = limits;
    }

    /**
     * Whether memory that a worker shares with others counts as its own: it does for a heap of ZGC, which makes it of a
     * file in memory.
     */
    public boolean heapIsShared() {
        return usersArguments().anyMatch("-XX:+UseZGC"::equals);
    }

    public void environment(String variable, @Nullable String value) {
        environment.put(variable, value);
    }

    public Map<String, @Nullable String> environment() {
        return new HashMap<>(environment);
    }

    public void jvmArguments(List<String> arguments) {
        this.jvmArguments = arguments;
    }

    public void classPath(String path) {
        this.classPath = path;
    }

    public void serialFilter(String pattern) {
        this.serialFilter = pattern;
    }

    /** A filter sees only what JDK serialization writes, so results have to be written so. */
    public void plainResults() {
        this.plainResults = true;
    }

    public void debug(WorkerDebug debug) {
        this.debug = debug;
    }

    public void codec(Class<? extends Codec> type) {
        this.codec = type;
    }

    /**
     * How functions are written for these workers.
     *
     * @throws IllegalStateException for a codec and a filter, which would not see what the codec makes
     */
    public Writing writing() {
        if (codec != null && (plainResults || serialFilter != null)) {
            throw new IllegalStateException(
                    "A filter sees only what JDK serialization makes, so a pool cannot have a codec"
                            + " and a resultFilter or functionFilter: let the codec look at what it reads");
        }
        try {
            return new Writing(serialFilter != null, codec == null ? null : Writing.newCodec(codec));
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    codec + " cannot be made: it must be public and have a public constructor without parameters", e);
        }
    }

    /** How results are written in a worker that is a thread of this JVM. */
    public Writing writingOfThreads() {
        return new Writing(plainResults, writing().codec());
    }

    /** How functions are read in a worker that is a thread of this JVM, which has no filter of its own. */
    public Reading readingOfThreads(ClassLoader loader) {
        return new Reading(
                loader,
                serialFilter == null ? null : ObjectInputFilter.Config.createFilter(serialFilter),
                writing().codec());
    }

    public CommandLine build() {
        List<String> before = new ArrayList<>(prefix);
        before.addAll(nice(niceness));
        CommandLine.Paths paths = paths();
        return new CommandLine(before, java.toString(), arguments(), jvmArguments, paths, launch(paths));
    }

    /** What gives a command a lower priority, if there is such a thing. */
    static List<String> nice(int niceness) {
        return niceness > 0 && Programs.isOnPath("nice")
                ? List.of("nice", "-n", Integer.toString(niceness))
                : List.of();
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        // One collector thread suits one busy thread, and a small heap: as many workers as cores run side by side.
        if (usersArguments().noneMatch(WorkerCommand::mayChooseCollector)) {
            arguments.add("-XX:+UseSerialGC");
        }
        arguments.addAll(compiler(jit));
        // Its file in the temp folder would stay behind when a worker is killed.
        arguments.add("-XX:-UsePerfData");
        // A JVM whose heap was full once cannot be trusted with the next call.
        arguments.add("-XX:+ExitOnOutOfMemoryError");
        if (debug != WorkerDebug.OFF && usersArguments().noneMatch(DebugAgent::isIn)) {
            arguments.add(DebugAgent.argument(debug));
        }
        if (maxHeap != null) {
            checkHeap(maxHeap);
            arguments.add("-Xmx" + maxHeap);
        } else if (limits.hasMemory() && usersArguments().noneMatch(WorkerCommand::limitsHeap)) {
            arguments.add("-Xmx" + limits.heap());
        }
        if (serialFilter != null) {
            arguments.add("-Djdk.serialFilter=" + serialFilter);
        }
        if (plainResults) {
            arguments.add("-D" + Writing.PLAIN + "=true");
        }
        if (codec != null) {
            arguments.add("-D" + Writing.CODEC + "=" + codec.getName());
        }
        return arguments;
    }

    /**
     * The JVM's own thresholds start the optimizing compiler so early that it takes as much of the processors as the
     * calls do, for the first seconds, in each worker. What is hot reaches the higher ones within milliseconds.
     */
    private static List<String> compiler(Jit jit) {
        return switch (jit) {
            case QUICK -> List.of("-XX:TieredStopAtLevel=1");
            case BALANCED ->
                List.of(
                        "-XX:Tier4InvocationThreshold=150000",
                        "-XX:Tier4MinInvocationThreshold=18000",
                        "-XX:Tier4CompileThreshold=450000",
                        "-XX:Tier4BackEdgeThreshold=1200000");
            case PEAK -> List.of();
        };
    }

    private void checkHeap(String size) {
        if (limits.hasMemory() && Sizes.parse("maxHeap", size) >= limits.memory()) {
            throw new IllegalStateException("maxHeap(\"" + size + "\") leaves nothing of memoryLimit, which is "
                    + Sizes.inWords(limits.memory()) + " for heap and native memory together: set a smaller maxHeap, or"
                    + " none for half of the limit");
        }
    }

    private static boolean limitsHeap(String argument) {
        return argument.startsWith("-Xmx")
                || argument.startsWith("-XX:MaxHeapSize=")
                || argument.startsWith("-XX:MaxRAM")
                || AotCache.isFile(argument);
    }

    /** All arguments of a worker's JVM that do not come from Offloop. */
    private Stream<String> usersArguments() {
        return Stream.concat(
                jvmArguments.stream(),
                Stream.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS").flatMap(this::argumentsIn));
    }

    private Stream<String> argumentsIn(String variable) {
        String value = environment.containsKey(variable) ? environment.get(variable) : System.getenv(variable);
        return value == null ? Stream.empty() : Stream.of(value.split("\\s+", -1));
    }

    /** A JVM does not start with two. What is in a file is not known. */
    private static boolean mayChooseCollector(String argument) {
        return (argument.startsWith("-XX:+Use") && argument.endsWith("GC")) || AotCache.isFile(argument);
    }

    private CommandLine.Paths paths() {
        return new CommandLine.Paths(
                classPath != null ? classPath : absolute(System.getProperty("java.class.path", "")),
                onModulePath() ? absolute(System.getProperty("jdk.module.path", "")) : "");
    }

    /** The working directory of workers may be another. */
    private static String absolute(String path) {
        return path.isEmpty()
                ? path
                : Stream.of(path.split(File.pathSeparator, -1))
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .collect(Collectors.joining(File.pathSeparator));
    }

    private boolean onModulePath() {
        return classPath == null && WorkerCommand.class.getModule().isNamed();
    }

    private CommandLine.Launch launch(CommandLine.Paths paths) {
        if (onModulePath()) {
            return new CommandLine.Launch.OfModule(
                    WorkerCommand.class.getModule().getName());
        }
        String springBoot = SpringBoot.launcherOf(paths.classes());
        return springBoot == null ? new CommandLine.Launch.OfClass() : new CommandLine.Launch.OfSpringBoot(springBoot);
    }

    /** The AOT cache of such workers; null if there can be none. */
    public @Nullable AotCache aotCache(CommandLine command) {
        Path folder = aotFolder;
        return folder != null
                        && debug == WorkerDebug.OFF
                        && java.equals(OWN_JAVA)
                        && usersArguments().noneMatch(AotCache::forbids)
                ? AotCache.of(command, usersArguments().toList(), folder)
                : null;
    }
}
