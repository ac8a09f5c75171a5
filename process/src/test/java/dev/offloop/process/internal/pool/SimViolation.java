package dev.offloop.process.internal.pool;

/** The pool did what it must not do. */
final class SimViolation extends AssertionError {

    private static final long serialVersionUID = 1;

    /** Equal for two failures that have the same cause, as far as one can tell. */
    final String kind;

    SimViolation(String kind, String details) {
        super(kind + (details.isEmpty() ? "" : ": " + details));
        this.kind = kind;
    }

    SimViolation(Throwable thrown) {
        super("the pool threw " + thrown, thrown);
        this.kind = "threw " + thrown.getClass().getName() + placeOf(thrown);
    }

    private static String placeOf(Throwable thrown) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (frame.getClassName().startsWith("dev.offloop")) {
                return " in " + frame.getClassName() + "." + frame.getMethodName();
            }
        }
        return "";
    }
}
