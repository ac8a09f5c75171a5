package dev.offloop.process.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How frames are assembled, and what a header can make the reader allocate. */
class FrameReaderTest {

    private static final int MIB = 1024 * 1024;

    private static ByteBuffer header(int length, int bodyLength, byte type, long id) {
        return ByteBuffer.allocate(Frame.HEADER)
                .putInt(length)
                .putInt(bodyLength)
                .put(type)
                .putLong(id)
                .putLong(0)
                .putLong(0)
                .flip();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** What this thread allocates meanwhile. */
    private static long bytesAllocatedBy(Runnable action) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        action.run();
        long before = threads.getCurrentThreadAllocatedBytes();
        action.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static byte[] bytesOf(Frame... frames) throws IOException {
        var bytes = new ByteArrayOutputStream();
        for (Frame frame : frames) {
            assertThat(new FrameWriter(List.of(frame)).writeTo(Channels.newChannel(bytes)))
                    .isTrue();
        }
        return bytes.toByteArray();
    }

    private static List<Frame> read(FrameReader reader, byte[] bytes, int pieceLength) {
        List<Frame> frames = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += pieceLength) {
            reader.feed(ByteBuffer.wrap(bytes, at, Math.min(pieceLength, bytes.length - at)), frames::add);
        }
        return frames;
    }

    @Test
    void aFrameThatArrivesInPiecesIsTheFrameThatWasWritten() throws IOException {
        var large = new Frame(FrameType.RESULT, 1, random(3 * MIB), random(20 * MIB + 1));
        var empty = new Frame(FrameType.RETIRE, 2, new byte[0]);
        var small = new Frame(FrameType.FAILURE, 3, random(10), random(1), new Frame.Times(Long.MAX_VALUE, 2));
        List<Frame> frames = read(new FrameReader(), bytesOf(large, empty, small), 256 * 1024 + 7);
        assertSame(frames, large, empty, small);
        assertSame(read(new FrameReader(), bytesOf(empty, small), 1), empty, small);
    }

    private static void assertSame(List<Frame> frames, Frame... expected) {
        assertThat(frames).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            Frame frame = frames.get(i);
            assertThat(frame.type()).isEqualTo(expected[i].type());
            assertThat(frame.id()).isEqualTo(expected[i].id());
            assertThat(frame.times()).isEqualTo(expected[i].times());
            assertThat(Arrays.equals(frame.payload(), expected[i].payload())).isTrue();
            assertThat(Arrays.equals(frame.body(), expected[i].body())).isTrue();
        }
    }

    @Test
    void aHeaderAloneAllocatesAtMostOneMebibyte() {
        assertThat(bytesAllocatedBy(() -> {
                    var reader = new FrameReader();
                    reader.feed(header(Integer.MAX_VALUE - 8, 0, (byte) 4, 1), _ -> {});
                    reader.feed(ByteBuffer.wrap(new byte[1]), _ -> {});
                }))
                .isLessThan(2 * MIB);
    }

    @Test
    void aFrameThatStopsArrivingHasAllocatedAtMostEightTimesWhatArrived() {
        byte[] arrived = random(MIB + 1);
        assertThat(bytesAllocatedBy(() -> {
                    var reader = new FrameReader();
                    reader.feed(header(0, Integer.MAX_VALUE - 8, (byte) 4, 1), _ -> {});
                    reader.feed(ByteBuffer.wrap(arrived), _ -> {});
                }))
                .isLessThan(10 * MIB);
    }

    @Test
    void anArrayThatArrivesWholeCostsLittleMoreThanItself() throws IOException {
        byte[] frame = bytesOf(new Frame(FrameType.RESULT, 1, new byte[] {9}, random(64 * MIB)));
        assertThat(bytesAllocatedBy(() -> read(new FrameReader(), frame, 256 * 1024)))
                .isLessThan(75 * MIB);
    }

    @Test
    void aPayloadOverTheLimitIsRefused() {
        FrameTooLargeException tooLarge = catchThrowableOfType(
                FrameTooLargeException.class, () -> new FrameReader(1000).feed(header(1001, 0, (byte) 4, 7), _ -> {}));
        assertThat(tooLarge).hasMessageContaining("1001").hasMessageContaining("1000");
        assertThat(tooLarge.length()).isEqualTo(1001);
        assertThat(tooLarge.limit()).isEqualTo(1000);
        assertThat(tooLarge.type()).isEqualTo(FrameType.RESULT);
        assertThat(tooLarge.id()).isEqualTo(7);
    }

    @Test
    void aBodyOverTheLimitIsRefused() {
        assertThatThrownBy(() -> new FrameReader(1000).feed(header(1, Integer.MAX_VALUE, (byte) 4, 7), _ -> {}))
                .isInstanceOf(FrameTooLargeException.class);
    }

    @Test
    void payloadAndBodyMayEachBeAsLongAsTheLimit() throws IOException {
        var frame = new Frame(FrameType.RESULT, 1, random(1000), random(1000));
        assertThat(read(new FrameReader(1000), bytesOf(frame), 100)).hasSize(1);
    }

    @Test
    void aNegativeLengthIsRefused() {
        for (ByteBuffer header : List.of(header(-1, 0, (byte) 4, 1), header(0, Integer.MIN_VALUE, (byte) 4, 1))) {
            assertThatThrownBy(() -> new FrameReader().feed(header, _ -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cannot have");
        }
    }

    @Test
    void anUnknownTypeIsRefused() {
        assertThatThrownBy(() -> new FrameReader().feed(header(1, 0, (byte) 77, 1), _ -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("77");
    }
}
