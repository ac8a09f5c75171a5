package dev.offloop.process;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Makes values in another process, one after the other: the function of {@link ProcessPoolExecutor#stream}.
 *
 * <p>Counterpart of a generator function.
 *
 * @param <T> the values
 */
@FunctionalInterface
public interface RemoteGenerator<T extends @Nullable Object> extends Serializable {

    /**
     * Makes the values and returns after the last one.
     *
     * @param out takes the values
     * @throws Exception the failure of the function
     */
    void run(Emitter<? super T> out) throws Exception;
}
