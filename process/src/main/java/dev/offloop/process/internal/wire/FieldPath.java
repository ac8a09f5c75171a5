package dev.offloop.process.internal.wire;

import java.io.ObjectStreamClass;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how an object that cannot be serialized is reached from one that should be: {@code captured value 1 of the
 * lambda in app.Main -> app.Job.connection}. The one class here that reads the fields of objects. It passes over those
 * that it may not read, since their package is not open to Offloop; then there may be no path, and {@link Found#closed}
 * says why.
 */
final class FieldPath {

    private static final int MAX_DEPTH = 200;

    /**
     * A collection may seem to have any number of elements, and the caller waits for the path: then the message has
     * none.
     */
    private static final int MAX_STEPS = 20_000;

    private static final String ARROW = " -> ";

    private final String className;
    private int steps;
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private @Nullable Class<?> closed;

    /**
     * What a search has found.
     *
     * @param path the path to the object, or null
     * @param closed the first class of a program whose package is not open to Offloop, or null
     */
    record Found(@Nullable String path, @Nullable Class<?> closed) {}

    private static final class GivenUp extends RuntimeException {
        private static final long serialVersionUID = 1;

        GivenUp() {
            super(null, null, false, false);
        }
    }

    private FieldPath(String className) {
        this.className = className;
    }

    /** The path from {@code root} to the first object of a class, or null. */
    static @Nullable String find(Object root, String className) {
        return search(root, className).path();
    }

    /** As {@link #find}, with the class that may have hidden the path. */
    static Found search(Object root, String className) {
        var search = new FieldPath(className);
        String path;
        try {
            path = search.search(root, "", 0);
        } catch (Throwable t) {
            path = null; // the object's own iterator or hash code, or too many steps: the message has no path
        }
        return new Found(path, search.closed);
    }

    private @Nullable String search(@Nullable Object object, String path, int depth) {
        if (++steps > MAX_STEPS) {
            throw new GivenUp();
        }
        if (object == null || depth > MAX_DEPTH || !seen.add(object)) {
            return null;
        }
        if (!(object instanceof Serializable)) {
            return object.getClass().getName().equals(className) ? path : null;
        }
        SerializedLambda lambda = asLambda(object);
        if (lambda != null) {
            return searchLambda(lambda, path, depth);
        }
        return switch (object) {
            case Object[] array -> searchArray(array, path, depth);
            case Map<?, ?> map -> searchMap(map, path, depth);
            case Iterable<?> elements when isJdk(object.getClass()) -> searchElements(elements, path, depth);
            default -> object.getClass().isArray() ? null : searchFields(object, path, depth);
        };
    }

    private @Nullable String searchLambda(SerializedLambda lambda, String path, int depth) {
        String capturingClass = lambda.getCapturingClass().replace('/', '.');
        for (int i = 0; i < lambda.getCapturedArgCount(); i++) {
            Object value = lambda.getCapturedArg(i);
            boolean isThis =
                    i == 0 && value != null && value.getClass().getName().equals(capturingClass);
            String what = isThis ? "'this', which is used in" : "captured value " + (i + 1) + " of";
            String found = search(value, join(path, what + " the lambda in " + capturingClass), depth + 1);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable String searchArray(Object array, String path, int depth) {
        for (int i = 0; i < Array.getLength(array); i++) {
            String found = search(Array.get(array, i), path + index(i), depth + 1);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable String searchElements(Iterable<?> elements, String path, int depth) {
        int i = 0;
        for (Object element : elements) {
            String found = search(element, path + index(i++), depth + 1);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable String searchMap(Map<?, ?> map, String path, int depth) {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String found = search(entry.getKey(), join(path, "a key of the map"), depth + 1);
            if (found == null) {
                found = search(entry.getValue(), join(path, "a value of the map"), depth + 1);
            }
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable String searchFields(Object object, String path, int depth) {
        for (Class<?> c = object.getClass();
                c != null && Serializable.class.isAssignableFrom(c);
                c = c.getSuperclass()) {
            for (ObjectStreamField field : ObjectStreamClass.lookup(c).getFields()) {
                if (!field.isPrimitive()) {
                    String step = join(path, c.getName() + "." + field.getName());
                    String found = search(valueOf(c, field.getName(), object), step, depth + 1);
                    if (found != null) {
                        return found;
                    }
                }
            }
        }
        return null;
    }

    private static String index(int i) {
        return ARROW + "[" + i + "]";
    }

    private static String join(String path, String step) {
        return path.isEmpty() ? step : path + ARROW + step;
    }

    private static boolean isJdk(Class<?> c) {
        return c.getName().startsWith("java.");
    }

    private void noteIfClosed(Class<?> type) {
        Module module = type.getModule();
        if (closed == null
                && module.isNamed()
                && !isJdk(type)
                && !module.isOpen(type.getPackageName(), FieldPath.class.getModule())) {
            closed = type;
        }
    }

    private @Nullable Object valueOf(Class<?> declaring, String name, Object object) {
        noteIfClosed(declaring);
        try {
            Field field = declaring.getDeclaredField(name);
            field.setAccessible(true);
            return field.get(object);
        } catch (ReflectiveOperationException | RuntimeException closed) {
            return null;
        }
    }

    /** A serializable lambda describes itself through a method that the compiler gave it. */
    private @Nullable SerializedLambda asLambda(Object object) {
        if (!object.getClass().isSynthetic()) {
            return null;
        }
        noteIfClosed(object.getClass());
        try {
            Method writeReplace = object.getClass().getDeclaredMethod("writeReplace");
            writeReplace.setAccessible(true);
            return writeReplace.invoke(object) instanceof SerializedLambda lambda ? lambda : null;
        } catch (ReflectiveOperationException | RuntimeException closed) {
            return null;
        }
    }
}
