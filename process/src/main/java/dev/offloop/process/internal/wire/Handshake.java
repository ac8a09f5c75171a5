package dev.offloop.process.internal.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * How a parent and a new worker come to know each other.
 *
 * <p>The parent writes this record to the worker's standard input, which no other user can read: neither the command
 * line nor the environment of a process is private. Then it closes the stream, since the processes that a function
 * starts inherit it. The worker connects twice to the parent's socket:
 *
 * <ol>
 *   <li>The control channel carries {@link FrameType#CONTROL_HELLO} to the parent, then {@link FrameType#CANCEL} to the
 *       worker. It stays open as long as the parent lives.
 *   <li>The data channel carries {@link FrameType#HELLO} to the parent, then all else. The worker sends its hello here
 *       when the control channel is connected and its {@link SharedStatus} is open. The parent may still read this
 *       hello before the other.
 * </ol>
 *
 * @param socket where the parent listens
 * @param status the file of the {@link SharedStatus}
 * @param worker the worker's number
 * @param index which of the workers that live at a time it is, from 0
 * @param token proves in both hellos that it is this worker that connects; of {@link #TOKEN_LENGTH} ASCII characters
 * @param parent the parent's process id
 */
public record Handshake(String socket, String status, long worker, int index, String token, long parent) {

    /**
     * The system property of a worker that names its pool's folder. A worker whose parent dies before the handshake
     * knows of the folder by nothing else, and deletes it.
     */
    public static final String FOLDER = "dev.offloop.process.folder";

    /** The name of the socket in the pool's folder. */
    public static final String SOCKET = "socket";

    /** The name of the file in the pool's folder that is locked while the parent lives. */
    public static final String LOCK = "lock";

    /** What the name of a shared status in the pool's folder begins with; the worker's number follows. */
    public static final String STATUS = "status-";

    /** What the name of a crash report in the pool's folder begins with; the worker's number follows. */
    public static final String REPORT = "hs_err_worker";

    /** What the name of a list of the classes that a worker loads begins with; the worker's number follows. */
    public static final String CLASSES = "classes-";

    /** Matches the names of all files in the pool's folder. */
    public static final String FILES = "{" + SOCKET + "," + LOCK + "," + STATUS + "*," + REPORT + "*," + CLASSES + "*}";

    /** How long a token is. */
    public static final int TOKEN_LENGTH = 32;

    /** Writes it to a worker's standard input. */
    public void writeTo(OutputStream out) throws IOException {
        var data = new DataOutputStream(out);
        data.writeUTF(socket);
        data.writeUTF(status);
        data.writeLong(worker);
        data.writeInt(index);
        data.writeUTF(token);
        data.writeLong(parent);
        data.flush();
    }

    /**
     * Reads it.
     *
     * @throws IOException if the parent has died before it had written all of it
     */
    public static Handshake readFrom(InputStream in) throws IOException {
        var data = new DataInputStream(in);
        return new Handshake(
                data.readUTF(), data.readUTF(), data.readLong(), data.readInt(), data.readUTF(), data.readLong());
    }

    /** In the worker: the first frame on the control channel. */
    public Frame controlHello() {
        return new Frame(FrameType.CONTROL_HELLO, worker, token.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * In the worker: the first frame on the data channel.
     *
     * @param maxMemory the largest size of the worker's heap, in bytes
     */
    public Frame hello(long maxMemory) {
        byte[] ascii = token.getBytes(StandardCharsets.US_ASCII);
        byte[] payload = Arrays.copyOf(ascii, ascii.length + Long.BYTES);
        ByteBuffer.wrap(payload).putLong(ascii.length, maxMemory);
        return new Frame(FrameType.HELLO, worker, payload);
    }

    /** In the parent: whether a hello, of either kind, has this token. */
    public static boolean hasToken(Frame hello, String token) {
        int rest = hello.type() == FrameType.HELLO ? Long.BYTES : 0;
        return hello.payload().length == TOKEN_LENGTH + rest
                && MessageDigest.isEqual(
                        token.getBytes(StandardCharsets.US_ASCII), Arrays.copyOf(hello.payload(), TOKEN_LENGTH));
    }

    /** In the parent: the largest size of a worker's heap in bytes, as its hello on the data channel has it. */
    public static long maxMemory(Frame hello) {
        return ByteBuffer.wrap(hello.payload()).getLong(TOKEN_LENGTH);
    }
}
