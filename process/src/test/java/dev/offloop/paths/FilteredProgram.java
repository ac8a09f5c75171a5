package dev.offloop.paths;

import dev.offloop.process.NotTransferableException;
import dev.offloop.process.ProcessPoolExecutor;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.concurrent.ExecutionException;

/** Has a filter for results that allows the JDK's classes, and none of its own. */
public final class FilteredProgram {

    private FilteredProgram() {}

    /** Says so when it is read. */
    static final class Gadget implements Serializable {
        private static final long serialVersionUID = 1;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            System.out.println("the gadget runs");
        }
    }

    public static void main(String[] args) throws Exception {
        try (var pool = ProcessPoolExecutor.builder()
                .maxWorkers(1)
                .resultFilter(ObjectInputFilter.Config.createFilter("java.base/*;!*"))
                .build()) {
            System.out.println("allowed: " + pool.submit(() -> "a string").get());
            try {
                Object _ = pool.submit(Gadget::new).get();
                System.out.println("not filtered");
            } catch (ExecutionException e) {
                System.out.println("filtered: " + (e.getCause() instanceof NotTransferableException));
            }
            try {
                Object _ = pool.submit(() -> {
                            throw new IllegalStateException("thrown");
                        })
                        .get();
            } catch (ExecutionException e) {
                System.out.println("failure: " + e.getCause().getMessage() + ", "
                        + e.getCause().getCause().getClass().getSimpleName());
            }
        }
    }
}
