package dev.offloop.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Describes what workers may see and change outside of their process, for {@link ProcessPoolExecutor.Builder#sandbox}:
 * {@code sandbox(Sandbox.readOnly().withoutNetwork())}. It is made by the command {@code bwrap} (bubblewrap), on Linux,
 * which needs no rights if the system lets users make namespaces.
 *
 * <p><b>What every sandbox does.</b>
 *
 * <ul>
 *   <li>All files are read-only but those in {@code /tmp} and {@code /var/tmp}, which each worker has for itself,
 *       empty, in memory, and gone with it; those of {@link #withWritable}; and the folder in which this pool and its
 *       workers meet.
 *   <li>A worker sees no process but its own and those that it has started. So it cannot signal this process, nor look
 *       into its memory. The process ids that it sees are others than those outside.
 *   <li>It has no privileges of root, and cannot get any. It has no terminal.
 * </ul>
 *
 * <p><b>What it does not do.</b>
 *
 * <ul>
 *   <li>A worker may read what this user may read, unless {@link #withReadableOnly} or {@link #withHidden} is used, and
 *       use the network, unless {@link #withoutNetwork} is used.
 *   <li>It may connect to services that listen at a socket in a file, such as a database in {@code /var/lib}. Those in
 *       {@code /run} are hidden together with the network.
 *   <li>It may use up memory, processors and disks: see {@link ProcessPoolExecutor.Builder#memoryLimit},
 *       {@link CallOptions#cpuTime} and {@link ProcessPoolExecutor.Builder#fileSize}. The files in its temp folder are
 *       memory too.
 *   <li>What it sends is read in this process: see {@link ProcessPoolExecutor.Builder#resultFilter}.
 *   <li>The workers of a pool share the pool's folder. One can hinder the others, but not see their calls.
 * </ul>
 *
 * <p>A sandbox is immutable; each method returns another one.
 */
public final class Sandbox {

    final boolean network;

    /** Null for all files. */
    final @Nullable List<Path> readable;

    final List<Path> hidden;
    final List<Path> writable;

    private Sandbox(boolean network, @Nullable List<Path> readable, List<Path> hidden, List<Path> writable) {
        this.network = network;
        this.readable = readable;
        this.hidden = hidden;
        this.writable = writable;
    }

    /**
     * Returns a sandbox in which all files that this user may read can be read, and none be changed.
     *
     * @return the sandbox
     */
    public static Sandbox readOnly() {
        return new Sandbox(true, null, List.of(), List.of());
    }

    /**
     * Returns this sandbox without a network: a worker can connect to nothing, not even to this machine, and sees
     * nothing of {@code /run}, where services have their sockets.
     *
     * @return the changed sandbox
     */
    public Sandbox withoutNetwork() {
        return new Sandbox(false, readable, hidden, writable);
    }

    /**
     * Returns this sandbox with only some files. The others are not there: home folders and the configuration of the
     * machine, for example. What a worker needs to run is there in any case: its JDK and class path, the programs and
     * libraries in {@code /usr}, and a few files of {@code /etc}, those for names and certificates among them.
     *
     * @param paths files or folders that can be read, besides those that were named before; none is possible
     * @return the changed sandbox
     * @throws IllegalArgumentException if one does not exist
     */
    public Sandbox withReadableOnly(Path... paths) {
        return new Sandbox(network, with(readable == null ? List.of() : readable, paths), hidden, writable);
    }

    /**
     * Returns this sandbox with some files hidden: a folder is empty, and so is a file.
     *
     * @param paths files or folders, such as {@code ~/.ssh}
     * @return the changed sandbox
     * @throws IllegalArgumentException if one does not exist
     */
    public Sandbox withHidden(Path... paths) {
        return new Sandbox(network, readable, with(hidden, paths), writable);
    }

    /**
     * Returns this sandbox with some files that workers may change, as far as this user may.
     *
     * @param paths files or folders
     * @return the changed sandbox
     * @throws IllegalArgumentException if one does not exist
     */
    public Sandbox withWritable(Path... paths) {
        return new Sandbox(network, readable, hidden, with(writable, paths));
    }

    private static List<Path> with(List<Path> before, Path... more) {
        List<Path> all = new ArrayList<>(before);
        for (Path path : more) {
            if (!Files.exists(path)) {
                throw new IllegalArgumentException(
                        "There is no " + path + ", so a sandbox cannot have it or hide it: create it first");
            }
            all.add(path.toAbsolutePath().normalize());
        }
        return List.copyOf(all);
    }
}
