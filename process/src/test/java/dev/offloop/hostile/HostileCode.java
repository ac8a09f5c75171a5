package dev.offloop.hostile;

import dev.offloop.Offload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What functions do that want to harm the pool. Runs in a worker, and knows all that the worker's program keeps
 * private.
 */
final class HostileCode {

    /** An answer, as the pool writes them: the codes of frame types are those of the protocol. */
    static final byte RESULT = 4;

    static final byte FAILURE = 5;
    static final byte DUMP = 6;
    static final byte PROGRESS = 7;

    private HostileCode() {}

    // ---- the channel

    /** The socket through which this worker answers; and the number of the call that asks. */
    record Channel(SocketChannel socket, long call) {

        static Channel steal() throws ReflectiveOperationException {
            Field running = Offload.class.getDeclaredField("RUNNING");
            running.setAccessible(true);
            Object talkBack = ((ThreadLocal<?>) running.get(null)).get();
            long call = (long) valueOf(talkBack, "call");
            Object main = valueOf(talkBack, "this$0");
            Object channel = valueOf(main, "channel");
            return new Channel((SocketChannel) valueOf(channel, "socket"), call);
        }

        private static Object valueOf(Object object, String field) throws ReflectiveOperationException {
            Field found = object.getClass().getDeclaredField(field);
            found.setAccessible(true);
            return found.get(object);
        }

        void send(byte type, long id, byte... payload) {
            send(type, id, payload.length, 0, payload);
        }

        void send(byte type, long id, int length, int bodyLength, byte... payload) {
            sendRaw(ByteBuffer.allocate(33 + payload.length)
                    .putInt(length)
                    .putInt(bodyLength)
                    .put(type)
                    .putLong(id)
                    .putLong(0)
                    .putLong(0)
                    .put(payload)
                    .array());
        }

        void sendRaw(byte... bytes) {
            try {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    socket.write(buffer);
                }
            } catch (IOException closed) {
                throw new UncheckedIOException(closed);
            }
        }
    }

    /** Runs it when the function that calls this has ended. */
    static void afterwards(Runnable action) {
        Thread.ofPlatform().daemon().start(() -> {
            LockSupport.parkNanos(100_000_000);
            action.run();
        });
    }

    // ---- files

    /** The pool's folder, as this worker was told. */
    static Path folder() {
        return Path.of(System.getProperty("dev.offloop.process.folder"));
    }

    static void deleteFolder() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder())) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder());
    }

    /** Takes the memory away that this process shares with its parent. */
    static void truncateStatus() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (line.contains("/status-") || line.contains("/note-")) {
                Path file = Path.of("/proc/self/map_files", line.substring(0, line.indexOf(' ')));
                try (FileChannel status = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    status.truncate(0);
                }
            }
        }
    }

    /** A pipe that nobody writes to, where the crash report of this process would be. */
    static void plantPipeAsCrashReport() throws Exception {
        String option = "-XX:ErrorFile=";
        String report = ProcessHandle.current()
                .info()
                .arguments()
                .flatMap(all -> Stream.of(all)
                        .filter(argument -> argument.startsWith(option))
                        .findFirst())
                .orElseThrow()
                .substring(option.length());
        int made = new ProcessBuilder("mkfifo", report).start().waitFor();
        if (made != 0) {
            throw new IOException("mkfifo failed");
        }
    }

    static void stopThisProcess() throws Exception {
        new ProcessBuilder(
                        "kill", "-STOP", Long.toString(ProcessHandle.current().pid()))
                .start()
                .waitFor();
    }

    // ---- values

    /** Sets in sets, whose hash codes take years to compute, though they are of the JDK's classes and not deep. */
    static Object hashBomb() {
        Set<Object> root = new HashSet<>();
        List<Set<Object>> level = List.of(root);
        for (int depth = 0; depth < 16; depth++) {
            List<Set<Object>> next = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                next.add(new HashSet<>(Set.of(depth + " " + i))); // no two are equal when they are added
            }
            level.forEach(set -> set.addAll(next));
            level = next;
        }
        return root;
    }
}
