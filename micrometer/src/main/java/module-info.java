/** Lets what Micrometer's context propagation knows follow tasks and offloaded work, and publishes metrics. */
module dev.offloop.micrometer {
    requires dev.offloop;
    requires context.propagation;
    requires static dev.offloop.process;
    requires static transitive micrometer.core;
    requires static io.opentelemetry.api;
    requires static io.opentelemetry.context;
    requires static org.jspecify;
    requires static org.slf4j;

    exports dev.offloop.micrometer;

    provides dev.offloop.spi.ContextPropagator with
            dev.offloop.micrometer.MicrometerPropagator;
}
