package dev.offloop.process.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.offloop.process.NotTransferableException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamConstants;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects as bytes by JDK serialization, and the bounds of what is read. */
class MarshalTest {

    private static final ClassLoader LOADER = MarshalTest.class.getClassLoader();
    private static final Reading BOUNDED = new Reading(LOADER, null, null, Reading.MAX_RESULT_DEPTH);

    private record Node(@Nullable Node next) implements Serializable {}

    private static @Nullable Node chain(int length) {
        Node node = null;
        for (int i = 0; i < length; i++) {
            node = new Node(node);
        }
        return node;
    }

    @Test
    void aStreamThatIsNestedTooDeepIsRefused() {
        byte[] deep = JdkSerialization.write(chain(101));
        assertThatThrownBy(() -> new Reading(LOADER, null, null, 100).stream(deep))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("nested more than 100 levels deep")
                .hasMessageNotContaining("result filter");
        assertThat(new Reading(LOADER, null, null, 101).stream(deep)).isEqualTo(chain(101));
        assertThat(new Reading(LOADER, null, null).stream(deep)).isEqualTo(chain(101));
    }

    @Test
    void aFilterThatLetsEverythingThroughDoesNotLiftTheBounds() {
        byte[] deep = JdkSerialization.write(chain(101));
        Reading reading = new Reading(LOADER, _ -> ObjectInputFilter.Status.ALLOWED, null, 100);
        assertThatThrownBy(() -> reading.stream(deep)).hasMessageContaining("nested more than 100 levels deep");
    }

    @Test
    void aFilterOfTheUsersStillRejectsWithinTheBounds() {
        Reading reading = new Reading(LOADER, ObjectInputFilter.Config.createFilter("!java.util.BitSet"), null, 100);
        byte[] bytes = JdkSerialization.write(new java.util.BitSet());
        assertThatThrownBy(() -> reading.stream(bytes)).hasMessageContaining("result filter");
    }

    private static byte[] emptyStreamOf(Class<?> arrayType, int announced) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.writeShort(ObjectStreamConstants.STREAM_MAGIC);
        out.writeShort(ObjectStreamConstants.STREAM_VERSION);
        out.writeByte(ObjectStreamConstants.TC_ARRAY);
        out.writeByte(ObjectStreamConstants.TC_CLASSDESC);
        out.writeUTF(arrayType.getName());
        out.writeLong(ObjectStreamClass.lookupAny(arrayType).getSerialVersionUID());
        out.writeByte(ObjectStreamConstants.SC_SERIALIZABLE);
        out.writeShort(0);
        out.writeByte(ObjectStreamConstants.TC_ENDBLOCKDATA);
        out.writeByte(ObjectStreamConstants.TC_NULL);
        out.writeInt(announced);
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("arrayTypes")
    void anArrayThatTheStreamCannotHoldIsNotAllocated(Class<?> arrayType) throws IOException {
        byte[] bytes = emptyStreamOf(arrayType, 100_000_000);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> BOUNDED.stream(bytes))
                .isInstanceOf(NotTransferableException.class)
                .hasMessageContaining("arrays announce 100000000 elements");
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000_000);
    }

    static Stream<Class<?>> arrayTypes() {
        return Stream.of(byte[].class, boolean[].class, long[].class, Object[].class, String[].class, byte[][].class);
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("honestValues")
    void whatAnHonestSenderWritesStaysWithinTheBounds(Object value) {
        Object read = BOUNDED.stream(JdkSerialization.write(value));
        assertThat(read).isInstanceOf(value.getClass());
    }

    static Stream<Object> honestValues() {
        List<Integer> numbers = IntStream.range(0, 10_000).boxed().toList();
        Map<Integer, Integer> sparse = new HashMap<>(16, 0.25f);
        Set<Integer> sparseSet = HashSet.newHashSet(1_000_000);
        Map<Integer, @Nullable Object> identity = new IdentityHashMap<>();
        Map<Object, Boolean> table = new Hashtable<>(1_000_000, 0.75f);
        Hashtable<Integer, Integer> thin = new Hashtable<>(1000, 0.01f);
        for (Integer number : numbers) {
            sparse.put(number, number);
            sparseSet.add(number);
            identity.put(number, null);
            table.put(number, true);
        }
        thin.put(1, 1);
        return Stream.of(
                new byte[100_000],
                new boolean[1],
                List.of(new ArrayList<>(), new Hashtable<>()),
                new int[3][1000],
                Arrays.asList(new @Nullable String[1000]),
                new ArrayList<>(Collections.nCopies(100_000, null)),
                numbers,
                Set.copyOf(numbers),
                new ArrayDeque<>(numbers),
                new PriorityQueue<>(numbers),
                new Vector<>(100_000),
                new TreeMap<>(sparse),
                new ConcurrentHashMap<>(sparse),
                sparse,
                sparseSet,
                new HashSet<>(1_000_000, 0.01f),
                new HashMap<>(1_000_000, 0.01f),
                identity,
                table,
                thin,
                Collections.nCopies(100_000, "x"));
    }
}
