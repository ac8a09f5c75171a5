package dev.offloop.process.internal.wire;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names for the thread that runs a call, after the class and method that its function was written in. For one thread.
 *
 * <p>A lambda's name is found by the number of its shape, in the first bytes of the call. Each name is made once, so
 * the thread needs to be renamed only when it has not the very same string.
 */
public final class FunctionNames {

    private static final String PREFIX = "offloop-";

    /** Of the initializer. */
    public static final String INITIALIZER = PREFIX + "initializer";

    /** Of a function that has no other name. */
    static final String CALL = PREFIX + "call";

    /** The tag of a lambda, its shape and the number of captured values; then come the values. */
    private static final int LAMBDA_HEADER = Byte.BYTES + 2 * Integer.BYTES;

    /**
     * Classes of Offloop whose lambdas wrap a function of the user, which is the first value that they have captured.
     */
    private static final Set<String> WRAPPERS = Set.of(
            "dev/offloop/EventLoop",
            "dev/offloop/RemoteCallable",
            "dev/offloop/process/MapIterator",
            "dev/offloop/process/ProcessPoolExecutor",
            "dev/offloop/process/ProcessSession",
            "dev/offloop/process/ProcessStream");

    private static final String LAMBDA_METHOD = "lambda$";
    private static final String LAMBDA_CLASS = "$$Lambda";

    private final Map<Integer, String> shapes = new HashMap<>();
    private final Map<Class<?>, String> classes = new HashMap<>();

    /** Takes note of a shape. */
    public void know(int shape, byte[] description) {
        shapes.put(shape, nameOf(description));
    }

    /** The name for a call whose function is a lambda; null for any other. */
    public @Nullable String of(byte[] call) {
        ByteBuffer bytes = ByteBuffer.wrap(call);
        String name = null;
        for (int at = 0; at + LAMBDA_HEADER <= call.length && call[at] == ValueTag.LAMBDA; at += LAMBDA_HEADER) {
            name = shapes.get(bytes.getInt(at + 1));
            if (!CALL.equals(name)) {
                return name;
            }
        }
        return name;
    }

    /** The name for a call whose function is an object of this class. */
    public String of(Class<?> type) {
        return classes.computeIfAbsent(type, FunctionNames::nameOf);
    }

    /**
     * In the process that sends: what the user wrote among the lambdas of a function; null if it is no lambda of a
     * known place.
     */
    public static Values.@Nullable Shape given(List<Values.Shape> shapes) {
        for (Values.Shape shape : shapes) {
            if (!CALL.equals(nameOf(shape.description()))) {
                return shape;
            }
        }
        return null;
    }

    /** The class and method that a lambda of this shape was written in, such as {@code com.acme.Shop.price}. */
    public static String origin(byte[] description) {
        return read(description).replace('/', '.');
    }

    private static String nameOf(Class<?> type) {
        String name = type.getName().replace('.', '/');
        int end = name.indexOf(LAMBDA_CLASS);
        String origin = end < 0 ? name : name.substring(0, end);
        return isWrapper(origin) ? CALL : PREFIX + simple(origin);
    }

    private static boolean isWrapper(String type) {
        int nested = type.indexOf('$');
        return WRAPPERS.contains(nested < 0 ? type : type.substring(0, nested));
    }

    private static String nameOf(byte[] description) {
        String name = read(description);
        return name.equals(CALL) ? CALL : PREFIX + simple(name);
    }

    /** As {@link Lambdas} describes a lambda: class and method, or {@link #CALL} for one of ours. */
    private static String read(byte[] description) {
        try {
            var in = new DataInputStream(new ByteArrayInputStream(description));
            String capturing = in.readUTF();
            if (isWrapper(capturing)) {
                return CALL;
            }
            for (int i = 0; i < 3; i++) {
                in.readUTF(); // of the interface
            }
            in.readInt();
            String type = in.readUTF();
            String method = in.readUTF();
            return type + "." + withoutNumber(method);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String simple(String type) {
        return type.substring(type.lastIndexOf('/') + 1);
    }

    /** A lambda in a method {@code price} becomes a method like {@code lambda$price$7f5c1b0e$1}. */
    private static String withoutNumber(String method) {
        if (!method.startsWith(LAMBDA_METHOD)) {
            return method; // of a method reference
        }
        int end = method.indexOf('$', LAMBDA_METHOD.length());
        return method.substring(LAMBDA_METHOD.length(), end < 0 ? method.length() : end);
    }
}
