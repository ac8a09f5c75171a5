package dev.offloop.process.worker;

import dev.offloop.process.wire.Greeting;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Listens to the parent on a thread of its own, through the standard input: the channel is the main thread's. The parent
 * says there which call is to stop, and nothing when it ends.
 */
final class Control implements Runnable {

    /** Sends what a stopped call was at. */
    interface Reply {
        void dump(long call, String dump) throws IOException;
    }

    private final DataInputStream in;
    private final Reply reply;
    private final Runnable atEnd;

    Control(InputStream in, Reply reply, Runnable atEnd) {
        this.in = new DataInputStream(in);
        this.reply = reply;
        this.atEnd = atEnd;
    }

    @Override
    public void run() {
        try {
            for (long call = in.readLong(); call != Greeting.NO_MORE; call = in.readLong()) {
                CurrentCall.Stopped stopped = CurrentCall.INSTANCE.stop(call);
                if (stopped != null) {
                    reply.dump(call, stopped.dump());
                    stopped.tell();
                }
            }
        } catch (IOException end) {
            atEnd.run();
        }
    }
}
