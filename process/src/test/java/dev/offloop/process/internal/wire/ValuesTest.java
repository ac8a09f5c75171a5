package dev.offloop.process.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import dev.offloop.RemoteCallable;
import dev.offloop.process.Codec;
import dev.offloop.process.NotTransferableException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values in bytes, and bytes that are no values. */
class ValuesTest {

    private static final byte STRING = 6;
    private static final byte BYTES = 7;
    private static final byte LAMBDA = 8;
    private static final byte OBJECT = 10;
    private static final byte CODED = 12;
    private static final byte LIST = 13;

    private static final Writing PLAIN = new Writing(false, null);
    private static final Reading READING = new Reading(ValuesTest.class.getClassLoader(), null, null);

    /** Accepts nothing, but lists are written element by element because it is there. */
    private static final class NoCodec implements Codec {
        @Override
        public boolean accepts(Class<?> type) {
            return false;
        }

        @Override
        public void write(Object value, OutputStream out) {
            throw new AssertionError();
        }

        @Override
        public Object read(InputStream in) {
            throw new AssertionError();
        }
    }

    private static @Nullable Object read(byte... bytes) {
        return new ValueReader(READING).read(bytes, null);
    }

    private static byte[] bytes(byte kind, int count) {
        return ByteBuffer.allocate(100).put(kind).putInt(count).array();
    }

    @ParameterizedTest
    @ValueSource(bytes = {STRING, BYTES, OBJECT, CODED, LIST})
    void aLengthThatTheBytesDoNotHaveIsRefusedBeforeAnythingIsAllocated(byte kind) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Reading withCodec = new Reading(READING.loader(), null, new NoCodec());
        for (int count : new int[] {Integer.MAX_VALUE - 8, 1_000_000, 96, -1, Integer.MIN_VALUE}) {
            byte[] bytes = bytes(kind, count);
            long before = threads.getCurrentThreadAllocatedBytes();
            Throwable thrown = catchThrowable(() -> new ValueReader(withCodec).read(bytes, null));
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000_000);
            assertThat(thrown)
                    .isInstanceOf(NotTransferableException.class)
                    .hasMessageContaining("announces " + count + " elements");
        }
    }

    @Test
    void aLambdaCannotCaptureMoreThanItsBytesHold() {
        RemoteCallable<Integer> lambda = () -> 1;
        Values.Written written = Values.writeFunction(lambda, PLAIN);
        var reader = new ValueReader(READING);
        Values.Shape shape = written.shapes().getFirst();
        reader.know(shape.id(), shape.description());
        byte[] manyOfFew = ByteBuffer.allocate(20)
                .put(LAMBDA)
                .putInt(shape.id())
                .putInt(Integer.MAX_VALUE)
                .array();
        assertThatThrownBy(() -> reader.read(manyOfFew, null))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("announces");
        byte[] many = ByteBuffer.allocate(1000)
                .put(LAMBDA)
                .putInt(shape.id())
                .putInt(256)
                .array();
        assertThatThrownBy(() -> reader.read(many, null))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("cannot capture 256 values");
    }

    @Test
    void listsThatAreNestedTooDeepAreRefused() {
        ByteBuffer nested = ByteBuffer.allocate(5 * 1_000_000 + 1);
        while (nested.remaining() > 1) {
            nested.put(LIST).putInt(1);
        }
        assertThatThrownBy(() -> read(nested.array()))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("nested more than 1000 levels");
    }

    @Test
    void nestedListsThatEachClaimAllBytesAllocateLittle() {
        ByteBuffer nested = ByteBuffer.allocate(1_000_000);
        for (int i = 0; i < 900; i++) {
            nested.put(LIST).putInt(900_000);
        }
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> read(nested.array())).isInstanceOf(NotTransferableException.class);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20_000_000);
    }

    @Test
    void aListThatContainsItselfIsStillThatListThere() {
        List<Object> list = new ArrayList<>();
        list.add(list);
        Values.Written written = Values.write(list, new Writing(false, new NoCodec()));
        Object read = new ValueReader(READING).read(written.bytes(), written.body());
        assertThat(((List<?>) read).getFirst()).isSameAs(read);
    }

    @Test
    void listsAsDeepAsAreWrittenElementByElementCanBeRead() {
        List<Object> list = new ArrayList<>();
        for (int i = 1; i < 1000; i++) {
            list = new ArrayList<>(List.of(list));
        }
        Values.Written written = Values.write(list, new Writing(false, new NoCodec()));
        assertThat(written.bytes()[0]).isEqualTo(LIST);
        assertThat(read(written.bytes())).isEqualTo(list);
    }

    @Test
    void bytesThatEndTooEarlyAreRefused() {
        assertThatThrownBy(() -> read()).isInstanceOf(NotTransferableException.class);
        assertThatThrownBy(() -> read((byte) 2, (byte) 0))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("end too early");
    }

    @Test
    void aBodyThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> read((byte) 9))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("no body");
    }

    @Test
    void whateverTheBytesAreTheAnswerIsAValueOrThatItCannotBeRead() {
        var random = new Random(42);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(1, 60)];
            random.nextBytes(bytes);
            bytes[0] = (byte) random.nextInt(-1, 15);
            Throwable thrown = catchThrowable(() -> read(bytes));
            assertThat(thrown == null || thrown instanceof NotTransferableException)
                    .as(Arrays.toString(bytes))
                    .isTrue();
        }
    }

    static Stream<@Nullable Object> simpleValues() {
        return Stream.of(
                1, 2L, 3.0, true, "text", new byte[10], new byte[100_000], "x".repeat(9_999), Integer.MIN_VALUE, null);
    }

    @ParameterizedTest
    @MethodSource("simpleValues")
    void aSimpleValueIsPlain(@Nullable Object value) {
        Values.Written written = Values.write(value, PLAIN);
        assertThat(Values.isPlain(written.bytes())).isTrue();
        assertThat(new ValueReader(READING).read(written.bytes(), written.body()))
                .isEqualTo(value);
    }

    static Stream<Object> otherValues() {
        return Stream.of(List.of(1), 1.5f, 'c', "x".repeat(10_001), new int[1], new IllegalStateException());
    }

    @ParameterizedTest
    @MethodSource("otherValues")
    void anyOtherValueIsNotPlain(Object value) {
        assertThat(Values.isPlain(Values.write(value, PLAIN).bytes())).isFalse();
        assertThat(Values.isPlain(Values.write(value, new Writing(true, null)).bytes()))
                .isFalse();
        assertThat(Values.isPlain(
                        Values.write(value, new Writing(false, new NoCodec())).bytes()))
                .isFalse();
    }

    @Test
    void aFunctionIsNotPlainAndNeitherAreNoBytes() {
        RemoteCallable<Integer> lambda = () -> 1;
        assertThat(Values.isPlain(Values.writeFunction(lambda, PLAIN).bytes())).isFalse();
        assertThat(Values.isPlain(new byte[0])).isFalse();
    }
}
