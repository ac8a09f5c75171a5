package dev.offloop.process.internal.wire;

import dev.offloop.RemoteContext;
import dev.offloop.process.NotTransferableException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The caller's context on its way to a worker. Each value is a stream of its own, so that the one which cannot be sent
 * has a name.
 */
public final class ContextBytes {

    private ContextBytes() {}

    /**
     * The calling thread's context as bytes; null if it is empty.
     *
     * @throws NotTransferableException naming the variable whose value cannot be sent
     */
    public static byte @Nullable [] capture() {
        RemoteContext context = RemoteContext.capture();
        if (context.isEmpty()) {
            return null;
        }
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(context.headers().size());
            for (Map.Entry<String, String> header : context.headers().entrySet()) {
                out.writeUTF(header.getKey());
                out.writeUTF(header.getValue());
            }
            out.writeInt(context.values().size());
            for (Map.Entry<String, @Nullable Object> value : context.values().entrySet()) {
                byte[] stream = write(value.getKey(), value.getValue());
                out.writeUTF(value.getKey());
                out.writeInt(stream.length);
                out.write(stream);
            }
        } catch (IOException e) { // a header of more than 64 kB
            throw new NotTransferableException("its context cannot be written: " + e.getMessage(), e);
        }
        return bytes.toByteArray();
    }

    private static @Nullable Object read(String name, byte[] stream, Reading reading) {
        try {
            return reading.stream(stream);
        } catch (NotTransferableException e) {
            throw new NotTransferableException(
                    "the value of the context variable '" + name + "' cannot be read in the worker: " + e.getMessage(),
                    e.getCause());
        }
    }

    private static byte[] write(String name, @Nullable Object value) {
        try {
            return JdkSerialization.write(value);
        } catch (NotTransferableException e) {
            throw new NotTransferableException(
                    "the value of the context variable '" + name + "' cannot go along: " + e.getMessage(),
                    e.getCause());
        }
    }

    /**
     * In the worker.
     *
     * @throws NotTransferableException if a value cannot be read here
     */
    public static RemoteContext read(byte[] bytes, Reading reading) {
        Map<String, String> headers = new HashMap<>();
        Map<String, @Nullable Object> values = new HashMap<>();
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            for (int left = in.readInt(); left > 0; left--) {
                headers.put(in.readUTF(), in.readUTF());
            }
            for (int left = in.readInt(); left > 0; left--) {
                String name = in.readUTF();
                values.put(name, read(name, in.readNBytes(in.readInt()), reading));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("its context is no context", e);
        }
        return new RemoteContext(values, headers);
    }
}
