/** Functions in worker processes. */
module dev.offloop.process {
    requires static org.jspecify;
    requires transitive dev.offloop;
    requires jdk.unsupported; // sun.misc.Signal, for workers that Ctrl-C must not reach

    exports dev.offloop.process;
}
