package dev.offloop.process;

import static dev.offloop.process.Calls.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.RemoteCallable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Values that are not serializable and travel by a codec of the user's. */
class CodecTest {

    private static final ProcessPoolExecutor POOL =
            ProcessPoolExecutor.builder().maxWorkers(1).codec(PointCodec.class).build();

    @AfterAll
    static void closeThePool() throws Exception {
        assertThat(get(POOL.submit(() -> 1)))
                .as("the pool has survived all of it")
                .isEqualTo(1);
        assertThat(POOL.statistics().started()).isEqualTo(1);
        POOL.close();
    }

    record Point(int x, int y) {}

    /** Writes points. Fails for one, reading or writing. */
    public static final class PointCodec implements Codec {

        static final Point CANNOT_BE_WRITTEN = new Point(13, 0);
        static final Point CANNOT_BE_READ = new Point(0, 13);

        @Override
        public boolean accepts(Class<?> type) {
            return type == Point.class;
        }

        @Override
        public void write(Object value, OutputStream out) throws IOException {
            if (value.equals(CANNOT_BE_WRITTEN)) {
                throw new IOException("13 is not written");
            }
            var point = (Point) value;
            var data = new DataOutputStream(out);
            data.writeInt(point.x);
            data.writeInt(point.y);
        }

        @Override
        public Object read(InputStream in) throws IOException {
            var data = new DataInputStream(in);
            var point = new Point(data.readInt(), data.readInt());
            if (point.equals(CANNOT_BE_READ)) {
                throw new IOException("13 is not read");
            }
            return point;
        }

        @Override
        public String toString() {
            return "the codec for points";
        }
    }

    /** Has no constructor that can be called. */
    private static final class HiddenCodec implements Codec {
        @Override
        public void write(Object value, OutputStream out) {}

        @Override
        public Object read(InputStream in) {
            return "";
        }
    }

    private static Point mirrored(Point point) {
        return new Point(point.y(), point.x());
    }

    @Test
    void argumentsAndResultsGoByTheCodec() throws Exception {
        var point = new Point(3, 4);
        assertThat(get(POOL.submit(() -> mirrored(point)))).isEqualTo(new Point(4, 3));
    }

    @Test
    void soDoesWhatAFunctionSays() throws Exception {
        List<Object> heard = new ArrayList<>();
        get(POOL.submit(
                CallOptions.DEFAULT.onProgress(heard::add), () -> dev.offloop.Offload.progress(new Point(1, 2))));
        assertThat(heard).containsExactly(new Point(1, 2));
    }

    @Test
    void whatItDoesNotAcceptGoesByJdkSerialization() throws Exception {
        var point = new Point(1, 2);
        var list = new ArrayList<>(List.of("a", "b"));
        assertThat(get(POOL.submit(() -> list.size() + mirrored(point).x()))).isEqualTo(4);
        assertThat(get(POOL.submit(() -> List.of(1, 2)))).containsExactly(1, 2);
        assertThatThrownBy(() -> get(POOL.submit(() -> {
                    throw new IllegalStateException("as ever");
                })))
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatItThrowsFailsTheCallAndSaysSo() {
        CompletableFuture<Point> argument = POOL.submit(() -> mirrored(PointCodec.CANNOT_BE_WRITTEN));
        assertThatThrownBy(() -> get(argument)).isNotNull();
        Point bad = PointCodec.CANNOT_BE_WRITTEN;
        assertThatThrownBy(() -> get(POOL.submit(() -> mirrored(bad))))
                .hasCauseInstanceOf(NotTransferableException.class)
                .hasMessageContaining("the codec for points")
                .hasMessageContaining("13 is not written");
        assertThatThrownBy(() -> get(POOL.submit(() -> new Point(13, 0))))
                .hasCauseInstanceOf(NotTransferableException.class)
                .hasMessageContaining("13 is not written");
        assertThatThrownBy(() -> get(POOL.submit(() -> new Point(0, 13))))
                .hasCauseInstanceOf(NotTransferableException.class)
                .hasMessageContaining("13 is not read");
        Point unreadable = PointCodec.CANNOT_BE_READ;
        assertThatThrownBy(() -> get(POOL.submit(() -> mirrored(unreadable))))
                .hasCauseInstanceOf(NotTransferableException.class)
                .hasMessageContaining("13 is not read");
    }

    @Test
    void aCodecThatCannotBeMadeIsRefusedAtOnce() {
        assertThatThrownBy(() ->
                        ProcessPoolExecutor.builder().codec(HiddenCodec.class).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("public constructor");
    }

    @Test
    void aFilterBesideItIsRefused() {
        assertThatThrownBy(() -> ProcessPoolExecutor.builder()
                        .codec(PointCodec.class)
                        .resultFilter(ObjectInputFilter.Config.createFilter("!*"))
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("codec");
    }

    /** Knows points only, and is not asked before. */
    public static final class OnlyPoints implements Codec {
        private final PointCodec points = new PointCodec();

        @Override
        public void write(Object value, OutputStream out) throws IOException {
            if (!(value instanceof Point)) {
                throw new IOException("asked for " + value.getClass());
            }
            points.write(value, out);
        }

        @Override
        public Object read(InputStream in) throws IOException {
            return points.read(in);
        }
    }

    private record Doubled(int n) implements RemoteCallable<Integer> {
        @Override
        public Integer call() {
            return 2 * n;
        }
    }

    @Test
    void itIsNeverAskedForWhatIsNotItsBusiness() throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .codec(OnlyPoints.class)
                .build()) {
            assertThat(get(pool.submit(new Doubled(4)))).isEqualTo(8);
            java.util.concurrent.Callable<Integer> plain = new Doubled(5);
            assertThat(get(pool.submit(plain))).isEqualTo(10);
            String text = "x".repeat(100_000);
            assertThat(get(pool.submit(() -> text + "y"))).hasSize(100_001);
            byte[] one = new byte[100_000];
            byte[] other = new byte[200_000];
            assertThat(get(pool.submit(() -> one.length + other.length))).isEqualTo(300_000);
            float small = 1.5f;
            char letter = 'o';
            assertThat(get(pool.submit(() -> letter + " " + small))).isEqualTo("o 1.5");
            assertThat(get(pool.submit(() -> 1.5f))).isEqualTo(1.5f);
        }
    }

    @Test
    void mapSendsEachInputByIt() {
        List<Point> points = List.of(new Point(1, 2), new Point(3, 4), new Point(5, 6));
        assertThat(POOL.map(CodecTest::mirrored, points))
                .containsExactly(new Point(2, 1), new Point(4, 3), new Point(6, 5));
    }
}
