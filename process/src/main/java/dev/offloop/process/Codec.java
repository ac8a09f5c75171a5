package dev.offloop.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Writes arguments and results in another way than JDK serialization: for classes that are not serializable, or in fewer bytes.
 *
 * <ul>
 *   <li>It is asked for what a function's lambda has captured, for what the function returns and what it says; of the JDK's plain
 *       lists ({@code ArrayList}, {@code List.of}, {@code toList}), which arrive as an {@code ArrayList}, for the elements. Inside of other
 *       objects, arrays and maps among them, JDK serialization is on its own. Numbers, characters, strings, booleans, byte arrays and null are never its business; nor are
 *       exceptions, and functions that are no lambdas, which go by JDK serialization whole. So do lambdas where Offloop is on
 *       the module path.
 *   <li>A codec is a public class with a public constructor without parameters. One is made in this process and one in each
 *       worker, which must have the class on its path.
 *   <li>It is called from any thread, and by several at a time.
 *   <li>Each value is written by itself: two that refer to the same object have a copy each.
 *   <li>What it throws fails its call with a {@link NotTransferableException}.
 *   <li>{@link ProcessPoolExecutor.Builder#resultFilter} and {@code functionFilter} see JDK serialization only, so they cannot
 *       be had together with a codec, which has to be careful by itself.
 * </ul>
 */
public interface Codec {

    /** Whether it writes values of this class. JDK serialization writes the others. */
    default boolean accepts(Class<?> type) {
        return true;
    }

    /** Writes a value, which is not null, and whatever it takes to read it. */
    void write(Object value, OutputStream out) throws IOException;

    /** Reads a value. The stream ends where it was written to. */
    Object read(InputStream in) throws IOException, ClassNotFoundException;
}
