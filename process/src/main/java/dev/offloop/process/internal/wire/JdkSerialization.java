package dev.offloop.process.internal.wire;

import dev.offloop.process.NotTransferableException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.NotSerializableException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** Objects as bytes, by JDK serialization, and what goes wrong with it in words that help. */
public final class JdkSerialization {

    private JdkSerialization() {}

    /**
     * The object as bytes.
     *
     * @throws NotTransferableException naming the class, and the path to it, that cannot be written
     */
    public static byte[] write(@Nullable Object object) {
        return write(object, ObjectOutputStream::new);
    }

    /** As {@link #write(Object)}, behind a byte that says what follows. */
    static byte[] write(@Nullable Object object, byte first) {
        return write(object, out -> {
            out.write(first);
            return new ObjectOutputStream(out);
        });
    }

    /**
     * An object as bytes, with other objects in the place of those in an identity map, wherever it refers to them.
     *
     * @throws NotTransferableException as {@link #write(Object)}
     */
    static byte[] write(Object object, IdentityHashMap<?, ?> replacements) {
        return write(object, out -> new Replacing(out, replacements));
    }

    /**
     * The object that the bytes stand for.
     *
     * @throws NotTransferableException if it cannot be read here
     */
    static @Nullable Object read(byte[] bytes, int from, Reading reading) {
        StreamBounds bounds = reading.bounded() ? new StreamBounds(reading.maxDepth(), bytes.length - from) : null;
        try (var in = new Resolving(new ByteArrayInputStream(bytes, from, bytes.length - from), reading.loader())) {
            ObjectInputFilter filter =
                    bounds == null ? reading.filter() : ObjectInputFilter.merge(bounds, reading.filter());
            if (filter != null) {
                in.setObjectInputFilter(ObjectInputFilter.merge(filter, in.getObjectInputFilter()));
            }
            return in.readObject();
        } catch (InvalidClassException e) {
            String excess = bounds == null ? null : bounds.excess();
            throw new NotTransferableException("it could not be read: " + (excess != null ? excess : reasonOf(e)), e);
        } catch (ClassNotFoundException e) {
            throw classNotFound(e);
        } catch (Throwable t) { // readObject is other people's code
            throw new NotTransferableException("it could not be read: " + t, t);
        }
    }

    private static String reasonOf(InvalidClassException e) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith("filter status")
                ? message + " (a class that the pool's result filter does not let through)"
                : message;
    }

    static NotTransferableException classNotFound(ClassNotFoundException e) {
        return new NotTransferableException(
                "class " + e.getMessage() + " is not on the class path of this process. (Classes that a program"
                        + " made in memory, as 'java Program.java' does, cannot be found by another process)",
                e);
    }

    private interface Opener {
        ObjectOutputStream open(OutputStream out) throws IOException;
    }

    private static byte[] write(@Nullable Object object, Opener opener) {
        var bytes = new ChunkedOutputStream();
        try (ObjectOutputStream out = opener.open(bytes)) {
            out.writeObject(object);
            out.flush();
            return bytes.take();
        } catch (NotSerializableException e) {
            throw new NotTransferableException(notSerializable(object, e.getMessage()), e);
        } catch (OutOfMemoryError e) {
            throw new NotTransferableException("it is too large to be written: " + e.getMessage(), e);
        } catch (Throwable t) { // writeObject is other people's code
            throw new NotTransferableException("it could not be written: " + t, t);
        }
    }

    private static String notSerializable(@Nullable Object root, @Nullable String className) {
        FieldPath.Found found = root == null || className == null ? null : FieldPath.search(root, className);
        String path = found == null ? null : found.path();
        String reached = path == null || path.isEmpty() ? "" : ". It is reached by " + path;
        Class<?> closed = found == null || path != null ? null : found.closed();
        return notSerializable(className, reached) + (closed == null ? "" : toOpen(closed));
    }

    private static String notSerializable(@Nullable String className, String reached) {
        return className != null && className.contains("$$Lambda")
                ? "a lambda is Serializable only where a serializable type is expected, and " + className
                        + " was written" + " as another one" + reached
                        + ". Declare it as a RemoteCallable, and the pool as a RemoteExecutor"
                : "class " + className + " is not Serializable" + reached
                        + (className != null && className.contains("MemorySegment")
                                ? ". Capture the SharedMemory, and call segment() in the function"
                                : ". Make it Serializable, or leave it out")
                        + (reached.contains("'this'") ? ": make the method that the lambda calls static" : "");
    }

    private static String toOpen(Class<?> closed) {
        return ". To have the path to it named here, add 'opens " + closed.getPackageName()
                + " to dev.offloop.process;' to the module-info.java of "
                + closed.getModule().getName();
    }

    /** Writes other objects in the place of some. */
    private static final class Replacing extends ObjectOutputStream {
        private final IdentityHashMap<?, ?> replacements;

        Replacing(OutputStream out, IdentityHashMap<?, ?> replacements) throws IOException {
            super(out);
            this.replacements = replacements;
            enableReplaceObject(true);
        }

        @Override
        protected @Nullable Object replaceObject(@Nullable Object object) {
            Object replacement = replacements.get(object);
            return replacement != null ? replacement : object;
        }
    }

    /** Looks classes up in the loader of the application, not in that of whoever happens to be on the stack. */
    private static final class Resolving extends ObjectInputStream {
        private final ClassLoader loader;

        Resolving(InputStream bytes, ClassLoader loader) throws IOException {
            super(bytes);
            this.loader = loader;
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            try {
                return Class.forName(description.getName(), false, loader);
            } catch (ClassNotFoundException e) {
                return super.resolveClass(description); // primitives, and classes that only Offloop's loader knows
            }
        }
    }
}
