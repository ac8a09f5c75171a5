package dev.offloop.process.internal.pool;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.Method;

/**
 * Loads the pool and its simulation once more, with a defect: one method of the pool does nothing, or returns the same
 * always.
 */
final class SimPlantedFaults extends ClassLoader {

    private static final String PACKAGE = "dev.offloop.process.";

    private final String owner;
    private final String method;
    private final Object result;
    private boolean planted;

    /**
     * @param method the class and the method, such as {@code Pipeline.hasBegun}
     * @param result a Boolean or a Long; null for a method that returns nothing, null or an empty list
     */
    SimPlantedFaults(String method, Object result) {
        super(SimPlantedFaults.class.getClassLoader());
        this.owner = SimPlantedFaults.class.getPackageName() + "." + method.substring(0, method.indexOf('.'));
        this.method = method.substring(method.indexOf('.') + 1);
        this.result = result;
    }

    /**
     * Runs scenarios on the pool that has the defect. Returns what they have found; null if they have found nothing.
     */
    String find(long seed, long scenarios) throws ReflectiveOperationException {
        Class<?> runner = loadClass(SimRunner.class.getName());
        Method find = runner.getMethod("find", long.class, long.class);
        var found = (String) find.invoke(null, seed, scenarios);
        if (!planted) {
            throw new IllegalStateException("There is no method " + owner + "." + method);
        }
        return found;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            if (known != null) {
                return known;
            }
            if (!name.startsWith(PACKAGE)) {
                return super.loadClass(name, resolve);
            }
            byte[] bytes = bytesOf(name);
            byte[] changed = name.equals(owner) ? plant(bytes) : bytes;
            return defineClass(name, changed, 0, changed.length);
        }
    }

    private byte[] bytesOf(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] plant(byte[] bytes) {
        ClassFile classFile = ClassFile.of();
        ClassModel model = classFile.parse(bytes);
        return classFile.transformClass(model, ClassTransform.transformingMethods(this::isPlace, (builder, element) -> {
            if (element instanceof java.lang.classfile.CodeModel) {
                planted = true;
                builder.withCode(this::body);
            } else {
                builder.with(element);
            }
        }));
    }

    private MethodTypeDesc type;

    private boolean isPlace(MethodModel candidate) {
        boolean is = candidate.methodName().equalsString(method);
        if (is) {
            type = candidate.methodTypeSymbol();
        }
        return is;
    }

    private void body(CodeBuilder code) {
        ClassDesc returned = type.returnType();
        if (returned.equals(ConstantDescs.CD_void)) {
            code.return_();
        } else if (returned.equals(ConstantDescs.CD_boolean)) {
            code.loadConstant((Boolean) result ? 1 : 0).ireturn();
        } else if (returned.equals(ConstantDescs.CD_int)) {
            code.loadConstant(((Long) result).intValue()).ireturn();
        } else if (returned.equals(ConstantDescs.CD_long)) {
            code.loadConstant((Long) result).lreturn();
        } else if (returned.equals(ConstantDescs.CD_List)) {
            code.invokestatic(ConstantDescs.CD_List, "of", MethodTypeDesc.of(ConstantDescs.CD_List), true)
                    .areturn();
        } else {
            code.aconst_null().areturn();
        }
    }
}
