package dev.offloop.process.internal.wire;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Takes lambdas apart and puts them together again, so that what is the same for every lambda of a place in the code,
 * its {@link Values.Shape shape}, has to be sent once, and after that only the values that it has captured.
 *
 * <p>The one class that looks into classes of others: into a lambda's {@code writeReplace}, and into the
 * {@code $deserializeLambda$} of the class it stands in. Both are there for serialization. In a named module they are
 * out of reach, and lambdas go as JDK serialization writes them.
 */
final class Lambdas {

    private static final AtomicInteger SHAPES = new AtomicInteger();
    private static final boolean REACHABLE = !Lambdas.class.getModule().isNamed();

    private static final ClassValue<Form> FORMS = new ClassValue<>() {
        @Override
        protected Form computeValue(Class<?> type) {
            return new Form(type);
        }
    };

    private Lambdas() {}

    /** A lambda taken apart. */
    record Parts(Values.Shape shape, SerializedLambda lambda) {}

    // ---- in the process that sends

    /** The parts of a serializable lambda; null for any other object. */
    static @Nullable Parts partsOf(Object object) {
        Class<?> type = object.getClass();
        return REACHABLE && type.isHidden() && type.isSynthetic()
                ? FORMS.get(type).partsOf(object)
                : null;
    }

    /** What is known of a class of lambdas. */
    private static final class Form {
        private final @Nullable MethodHandle writeReplace;
        private volatile Values.@Nullable Shape shape;

        Form(Class<?> type) {
            this.writeReplace = find(type);
        }

        private static @Nullable MethodHandle find(Class<?> type) {
            try {
                Method method = type.getDeclaredMethod("writeReplace");
                method.setAccessible(true);
                return MethodHandles.lookup()
                        .unreflect(method)
                        .asType(MethodType.methodType(Object.class, Object.class));
            } catch (ReflectiveOperationException | RuntimeException notSerializable) {
                return null;
            }
        }

        @Nullable
        Parts partsOf(Object object) {
            try {
                if (writeReplace != null
                        && (Object) writeReplace.invokeExact(object) instanceof SerializedLambda parts) {
                    Values.Shape shape = this.shape;
                    if (shape == null) {
                        shape = new Values.Shape(SHAPES.incrementAndGet(), describe(parts));
                        this.shape = shape;
                    }
                    return new Parts(shape, parts);
                }
                return null;
            } catch (Throwable t) {
                return null; // JDK serialization will say what is wrong with it
            }
        }
    }

    private static byte[] describe(SerializedLambda lambda) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.writeUTF(lambda.getCapturingClass());
        out.writeUTF(lambda.getFunctionalInterfaceClass());
        out.writeUTF(lambda.getFunctionalInterfaceMethodName());
        out.writeUTF(lambda.getFunctionalInterfaceMethodSignature());
        out.writeInt(lambda.getImplMethodKind());
        out.writeUTF(lambda.getImplClass());
        out.writeUTF(lambda.getImplMethodName());
        out.writeUTF(lambda.getImplMethodSignature());
        out.writeUTF(lambda.getInstantiatedMethodType());
        return bytes.toByteArray();
    }

    // ---- in the process that receives

    /** Makes lambdas of one shape. */
    static final class Maker {
        private final Class<?> capturingClass;
        private final MethodHandle deserialize;
        private final String interfaceClass;
        private final String interfaceMethod;
        private final String interfaceSignature;
        private final int kind;
        private final String implClass;
        private final String implMethod;
        private final String implSignature;
        private final String type;

        /** Throws what JDK serialization would: a class that is not here. */
        Maker(byte[] description, ClassLoader loader) throws ReflectiveOperationException {
            try {
                var in = new DataInputStream(new ByteArrayInputStream(description));
                capturingClass = Class.forName(in.readUTF().replace('/', '.'), false, loader);
                interfaceClass = in.readUTF();
                interfaceMethod = in.readUTF();
                interfaceSignature = in.readUTF();
                kind = in.readInt();
                implClass = in.readUTF();
                implMethod = in.readUTF();
                implSignature = in.readUTF();
                type = in.readUTF();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Method method = capturingClass.getDeclaredMethod("$deserializeLambda$", SerializedLambda.class);
            method.setAccessible(true);
            deserialize = MethodHandles.lookup().unreflect(method);
        }

        Object make(@Nullable Object[] captured) throws Throwable {
            return (Object) deserialize.invokeExact(new SerializedLambda(
                    capturingClass,
                    interfaceClass,
                    interfaceMethod,
                    interfaceSignature,
                    kind,
                    implClass,
                    implMethod,
                    implSignature,
                    type,
                    captured));
        }
    }
}
