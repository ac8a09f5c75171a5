package dev.offloop.process.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * What a parent tells a new worker through its standard input, which nobody else can read: neither the command line nor
 * the environment are as private.
 *
 * @param socket where the parent listens
 * @param note the file of the {@link WorkerNote}
 * @param worker the worker's number
 * @param token proves in the {@link FrameType#HELLO} that it is this worker that calls
 * @param parent the parent's process id
 */
public record Greeting(String socket, String note, long worker, String token, long parent) {

    /** What ends the ids of calls to stop. */
    public static final long NO_MORE = -1;

    /** Writes it. The stream stays open: what follows are the ids of calls to stop, and {@link #NO_MORE}. */
    public void writeTo(OutputStream out) throws IOException {
        var data = new DataOutputStream(out);
        data.writeUTF(socket);
        data.writeUTF(note);
        data.writeLong(worker);
        data.writeUTF(token);
        data.writeLong(parent);
        data.flush();
    }

    /** Reads it. */
    public static Greeting readFrom(InputStream in) throws IOException {
        var data = new DataInputStream(in);
        return new Greeting(data.readUTF(), data.readUTF(), data.readLong(), data.readUTF(), data.readLong());
    }
}
