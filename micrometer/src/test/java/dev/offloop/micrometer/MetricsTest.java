package dev.offloop.micrometer;

import static dev.offloop.Async.await;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.offloop.Runner;
import dev.offloop.process.ProcessPoolExecutor;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a Prometheus server reads from a program that publishes its loops and pools. */
class MetricsTest {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private String scrape() throws IOException, InterruptedException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            byte[] text = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        server.start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + "/metrics");
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        } finally {
            server.stop(0);
        }
    }

    private static double value(String scraped, String meter) {
        Matcher line = Pattern.compile("^" + Pattern.quote(meter) + " (\\S+)$", Pattern.MULTILINE)
                .matcher(scraped);
        assertThat(line.find()).as(meter + " in\n" + scraped).isTrue();
        return Double.parseDouble(line.group(1));
    }

    @Test
    void loopAndItsDefaultExecutorAreScraped() throws Exception {
        try (var runner = Runner.builder().threadName("web").onSlowStep(_ -> {}).build()) {
            new EventLoopMetrics(runner.loop(), Tags.of("region", "eu")).bindTo(registry);
            new DefaultExecutorMetrics(runner.loop(), "web-default").bindTo(registry);
            String scraped = runner.run(() -> {
                await(toThread(() -> 1));
                sleep(Duration.ofMillis(1));
                Thread.sleep(400);
                yieldNow();
                sleep(Duration.ofMillis(100));
                return await(toThread(this::scrape));
            });
            String tags = "{name=\"web\",region=\"eu\"}";
            assertThat(value(scraped, "eventloop_delay_max_seconds" + tags)).isBetween(0.1, 20.0);
            assertThat(value(scraped, "eventloop_delay_p50_seconds" + tags)).isLessThan(20);
            assertThat(value(scraped, "eventloop_utilization" + tags)).isBetween(0.1, 1.0);
            assertThat(value(scraped, "eventloop_tasks" + tags)).isEqualTo(1);
            assertThat(value(scraped, "eventloop_steps_total" + tags)).isGreaterThan(3);
            assertThat(value(scraped, "eventloop_slow_steps_total" + tags)).isGreaterThanOrEqualTo(1);
            assertThat(value(scraped, "executor_active{name=\"web-default\"}")).isEqualTo(1);
            assertThat(value(scraped, "executor_queued{name=\"web-default\"}")).isZero();
            assertThat(value(scraped, "executor_pool_size{name=\"web-default\"}"))
                    .isGreaterThan(4);
            assertThat(value(scraped, "executor_completed_total{name=\"web-default\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void processPoolIsScraped() throws Exception {
        try (var pool = ProcessPoolExecutor.create(1)) {
            new ProcessPoolMetrics(pool, "parsers").bindTo(registry);
            pool.submit(() -> Thread.sleep(50)).get();
            String scraped = scrape();
            String tags = "{name=\"parsers\"}";
            assertThat(value(scraped, "executor_active" + tags)).isZero();
            assertThat(value(scraped, "executor_pool_size" + tags)).isEqualTo(1);
            assertThat(value(scraped, "executor_completed_total" + tags)).isEqualTo(1);
            assertThat(value(scraped, "executor_seconds_count" + tags)).isEqualTo(1);
            assertThat(value(scraped, "executor_seconds_sum" + tags)).isBetween(0.05, 20.0);
            assertThat(value(scraped, "executor_workers_started_total" + tags)).isEqualTo(1);
            assertThat(value(scraped, "executor_workers_ended_total{name=\"parsers\",reason=\"crashed\"}"))
                    .isZero();
        }
    }
}
