package dev.offloop.monitor;

/**
 * Describes an executor to which a loop has offloaded functions.
 *
 * @param name what it is called
 * @param size how many functions it runs at a time at most; zero if that is not known or not limited
 * @param active how many functions it runs; of other loops and users too, where it tells that, else those of this loop
 *     that have not ended
 * @param queued how many functions wait there; zero if it does not tell
 * @param unfinished how many functions of this loop have been handed to it and have not ended
 * @param calls how many functions of this loop have been handed to it, from the loop's beginning
 */
public record ExecutorStatistics(String name, int size, int active, int queued, int unfinished, long calls) {}
