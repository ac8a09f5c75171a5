/** Defines the event loop, its tasks and futures, and the executors that take blocking work off it. */
module dev.offloop {
    requires static org.jspecify;
    requires static java.management; // finds the owner of a monitor
    requires static jdk.management;
    requires static jdk.jfr;
    requires jdk.unsupported; // sun.misc.Signal, for Ctrl-C

    exports dev.offloop;
    exports dev.offloop.monitor;
    exports dev.offloop.spi;
    exports dev.offloop.sync;
    exports dev.offloop.internal.jfr to
            dev.offloop.process;
    exports dev.offloop.internal.monitor to
            dev.offloop.process;
    exports dev.offloop.internal.util to
            dev.offloop.process,
            dev.offloop.testkit;

    uses dev.offloop.spi.ContextPropagator;
}
