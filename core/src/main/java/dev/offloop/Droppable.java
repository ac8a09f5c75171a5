package dev.offloop;

/** Wants to hear that its executor gives it up without running it. */
interface Droppable {

    /** It will not be run. */
    void drop(Throwable why);
}
