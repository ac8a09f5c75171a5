package dev.offloop.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Writes arguments and results in another form than JDK serialization: for classes that are not serializable, or in
 * fewer bytes. {@link ProcessPoolExecutor.Builder#codec} sets it.
 *
 * <ul>
 *   <li><b>What it writes:</b> what a function's lambda has captured, what the function returns, its progress values,
 *       and the elements of the JDK's plain lists ({@code ArrayList}, {@code List.of}, {@code toList}), which arrive as
 *       an {@code ArrayList}.
 *   <li><b>What it does not write:</b> numbers, characters, strings, booleans, byte arrays and null; what is inside of
 *       other objects, arrays and maps; exceptions; functions that are no lambdas; and all lambdas where Offloop is on
 *       the module path. Offloop's own form or JDK serialization writes those.
 *   <li><b>Instances:</b> a codec is a public class with a public constructor without parameters. One instance is made
 *       in this process and one in each worker, whose class path has to contain the class.
 *   <li><b>Threads:</b> its methods are called from any thread, and from several at a time.
 *   <li><b>Identity:</b> each value is written by itself. Two values that refer to the same object get a copy each.
 *   <li><b>Errors:</b> what it throws fails its call with a {@link NotTransferableException}.
 *   <li><b>Filters:</b> {@link ProcessPoolExecutor.Builder#resultFilter} and
 *       {@link ProcessPoolExecutor.Builder#functionFilter} see JDK serialization only, so a pool has either a codec or
 *       filters. A codec that reads what an untrusted worker has sent has to check it by itself.
 * </ul>
 */
public interface Codec {

    /**
     * Returns whether this codec writes values of a class. JDK serialization writes the others.
     *
     * @param type the class of a value
     * @return true, unless overridden
     */
    default boolean accepts(Class<?> type) {
        return true;
    }

    /**
     * Writes a value, with everything that {@link #read} needs to read it.
     *
     * @param value the value; never null
     * @param out where the bytes go; it need not be flushed or closed
     * @throws IOException if the value cannot be written; its call fails
     */
    void write(Object value, OutputStream out) throws IOException;

    /**
     * Reads a value.
     *
     * @param in the bytes that {@link #write} has written for this value; it ends after them
     * @return the value; not null
     * @throws IOException if the value cannot be read; its call fails
     * @throws ClassNotFoundException if a class of the value cannot be found; its call fails
     */
    Object read(InputStream in) throws IOException, ClassNotFoundException;
}
