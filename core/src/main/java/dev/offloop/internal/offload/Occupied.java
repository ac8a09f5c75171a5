package dev.offloop.internal.offload;

import java.util.Collection;

/** Runs a limited number of functions at a time, and knows which. */
interface Occupied {

    /** Returns the functions that have to end before a new one can start; none if it could start at once. */
    Collection<Runnable> occupants();
}
