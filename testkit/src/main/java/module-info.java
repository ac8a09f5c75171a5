/** What tests of code on an event loop need: virtual time, seeds, and executors and clocks under their control. */
module dev.offloop.testkit {
    requires transitive dev.offloop;
    requires transitive org.junit.jupiter.api;
    requires org.opentest4j;
    requires static org.jspecify;

    exports dev.offloop.testkit;

    opens dev.offloop.testkit to
            org.junit.platform.commons;
}
