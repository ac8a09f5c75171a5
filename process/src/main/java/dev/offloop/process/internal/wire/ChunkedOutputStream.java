package dev.offloop.process.internal.wire;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A stream into memory that never copies what it has to grow: a large object would leave several times its size behind
 * as garbage, and small heaps feel that.
 */
final class ChunkedOutputStream extends OutputStream {

    private static final int FIRST = 512;
    private static final int LARGEST = 1024 * 1024;

    private final List<byte[]> full = new ArrayList<>();
    private byte[] last = new byte[FIRST];
    private int filled;
    private long before;

    @Override
    public void write(int b) {
        if (filled == last.length) {
            next();
        }
        last[filled++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (filled == last.length) {
                next();
            }
            int count = Math.min(left, last.length - filled);
            System.arraycopy(bytes, from, last, filled, count);
            filled += count;
            from += count;
            left -= count;
        }
    }

    private void next() {
        full.add(last);
        before += last.length;
        last = new byte[Math.min(LARGEST, last.length * 2)];
        filled = 0;
    }

    /** All that was written; the stream is empty after that. */
    byte[] take() {
        long size = before + filled;
        if (size > Integer.MAX_VALUE - Long.BYTES) {
            throw new OutOfMemoryError(size + " bytes do not fit into an array");
        }
        byte[] all = new byte[(int) size];
        int at = 0;
        for (int i = 0; i < full.size(); i++) {
            byte[] chunk = full.set(i, last); // let go of each as soon as it is copied
            System.arraycopy(chunk, 0, all, at, chunk.length);
            at += chunk.length;
        }
        System.arraycopy(last, 0, all, at, filled);
        full.clear();
        return all;
    }
}
