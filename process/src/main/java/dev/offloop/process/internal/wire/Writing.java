package dev.offloop.process.internal.wire;

import dev.offloop.process.Codec;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/**
 * How objects become bytes.
 *
 * @param onlyStreams whether by JDK serialization alone, for a filter to see
 * @param codec writes what is not simple; null for JDK serialization
 */
public record Writing(boolean onlyStreams, @Nullable Codec codec) {

    /** The property that makes a worker's results go by JDK serialization alone. */
    public static final String PLAIN = "dev.offloop.process.plain";

    /** The property that names a worker's codec. */
    public static final String CODEC = "dev.offloop.process.codec";

    /** In a worker: as its command line says. */
    public static Writing ofThisWorker(ClassLoader loader) throws ReflectiveOperationException {
        String codec = System.getProperty(CODEC);
        return new Writing(
                Boolean.getBoolean(PLAIN),
                codec == null
                        ? null
                        : newCodec(Class.forName(codec, true, loader).asSubclass(Codec.class)));
    }

    /** A codec of a class that has a public constructor without parameters. */
    public static Codec newCodec(Class<? extends Codec> type) throws ReflectiveOperationException {
        try {
            return type.getConstructor().newInstance();
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("The codec " + type.getName() + " cannot be made: " + e.getCause(), e);
        }
    }
}
