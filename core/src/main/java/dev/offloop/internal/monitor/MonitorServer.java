package dev.offloop.internal.monitor;

import dev.offloop.internal.util.ErrorLog;
import dev.offloop.internal.util.Errors;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Answers the tool {@code offloop}, which looks at this JVM from outside.
 *
 * <p><b>Nothing before somebody looks.</b> The tool leaves a file {@code PID.attach} in a folder that only this user
 * can enter. The watchdog looks once a second whether it is there, which is one system call. Only then the server
 * starts: it listens on a Unix socket {@code PID.sock} in that folder, answers one question per connection, in JSON,
 * and ends when nobody has asked for a minute.
 *
 * <p><b>Who may ask.</b> The folder belongs to this user and has mode 0700, else the server does not start: another
 * user may have made it, to listen in our place.
 *
 * <p><b>What is left behind</b> by a JVM that was killed, its socket, is removed by the next server or tool.
 *
 * <p>The answers come from threads of their own, so they come while a loop is blocked too.
 */
final class MonitorServer {

    private static final long IDLE_NANOS = 60_000_000_000L;
    private static final int MAX_QUESTION = 1_000;
    private static final int MAX_CLIENTS = 8;
    private static final String ATTACH = ".attach";
    private static final String SOCKET = ".sock";

    /** Of the watchdog's thread. */
    private static @Nullable File request;

    private static volatile boolean running;

    private final Path socket;
    private final Semaphore clients = new Semaphore(MAX_CLIENTS);
    private volatile long lastQuestion = System.nanoTime();

    private MonitorServer(Path socket) {
        this.socket = socket;
    }

    /** Called by the watchdog, once a second: starts a server if the tool has asked for one. */
    static void startIfAsked() {
        File request = MonitorServer.request;
        if (request == null) {
            request = new File(folder(), pid() + ATTACH);
            MonitorServer.request = request;
        }
        if (!running && request.exists()) {
            start(request.toPath());
        }
    }

    /**
     * The folder of this user. Where there is a {@code /proc}, by number: a container may not know its users' names.
     */
    private static String folder() {
        String user = numberAfter("Uid:");
        boolean windows = File.separatorChar == '\\';
        return (windows ? System.getProperty("java.io.tmpdir") : "/tmp") + File.separatorChar + "offloop-"
                + (user.isEmpty() ? System.getProperty("user.name") : user);
    }

    private static String pid() {
        String pid = numberAfter("Pid:");
        return pid.isEmpty() ? Long.toString(ProcessHandle.current().pid()) : pid;
    }

    private static String numberAfter(String key) {
        try (InputStream in = new FileInputStream("/proc/self/status")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n", -1)) {
                if (line.startsWith(key)) {
                    return line.substring(key.length()).strip().split("\\s", 2)[0];
                }
            }
        } catch (IOException | RuntimeException notLinux) {
            // by other means
        }
        return "";
    }

    private static void start(Path request) {
        try {
            Path folder = request.getParent();
            if (folder == null || !isOurs(folder, request)) {
                return;
            }
            Files.deleteIfExists(request);
            removeOfDead(folder);
            String name = request.getFileName().toString();
            Path socket = folder.resolve(name.substring(0, name.length() - ATTACH.length()) + SOCKET);
            Files.deleteIfExists(socket);
            var server = new MonitorServer(socket);
            running = true;
            Thread.ofPlatform()
                    .daemon()
                    .name("offloop-monitor")
                    .inheritInheritableThreadLocals(false)
                    .start(server::serve);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            running = false;
            ErrorLog.error(Errors.of("The tool offloop cannot look at this program", e));
        }
    }

    static boolean isOurs(Path folder, Path request) throws IOException {
        if (!Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            return true;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
        Path mine = Path.of("/proc/self");
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && permissions.equals(PosixFilePermissions.fromString("rwx------"))
                && (!Files.exists(mine)
                        || Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(mine)))
                && Files.isRegularFile(request, LinkOption.NOFOLLOW_LINKS);
    }

    private static void removeOfDead(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*{" + ATTACH + "," + SOCKET + "}")) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String pid = name.substring(0, name.indexOf('.'));
                if (pid.chars().allMatch(Character::isDigit)
                        && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private void serve() {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            socket.toFile().deleteOnExit();
            Thread.ofPlatform().daemon().name("offloop-monitor-end").start(() -> closeWhenIdle(server));
            while (true) {
                SocketChannel client = server.accept();
                clients.acquireUninterruptibly();
                Thread.ofPlatform()
                        .daemon()
                        .name("offloop-monitor-answer")
                        .inheritInheritableThreadLocals(false)
                        .start(() -> answer(client));
            }
        } catch (IOException | OutOfMemoryError closed) {
            // nobody has asked for a while, or nobody can
        } finally {
            Recordings.close();
            var _ = socket.toFile().delete();
            running = false;
        }
    }

    private void closeWhenIdle(ServerSocketChannel server) {
        long left;
        while ((left = lastQuestion + IDLE_NANOS - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
        }
        try {
            server.close();
        } catch (IOException e) {
            // it is closed all the same
        }
    }

    private void answer(SocketChannel client) {
        try (client) {
            String question = question(client);
            lastQuestion = System.nanoTime();
            String answer = switch (question) {
                case "status" -> Snapshot.status();
                case "tree" -> Snapshot.tree();
                case "advice" -> Snapshot.advice();
                default -> Recordings.answer(question);
            };
            ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                client.write(bytes);
            }
        } catch (IOException hungUp) {
            // nobody wants the answer
        } catch (RuntimeException | LinkageError e) {
            ErrorLog.error(Errors.of("The tool offloop got no answer from this program", e));
        } finally {
            lastQuestion = System.nanoTime();
            clients.release();
        }
    }

    /** One line. */
    private static String question(SocketChannel client) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_QUESTION);
        while (bytes.hasRemaining() && client.read(bytes) >= 0) {
            if (bytes.position() > 0 && bytes.get(bytes.position() - 1) == '\n') {
                break;
            }
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8).strip();
    }
}
