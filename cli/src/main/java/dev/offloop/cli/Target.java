package dev.offloop.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A program that is looked at.
 *
 * <p>It is asked to listen by a file in a folder that only this user can enter; its watchdog finds that within a second
 * and opens a Unix socket there. Each question is a connection: a line there, JSON back.
 */
final class Target {

    static final int PROTOCOL = 1;
    static final ObjectMapper JSON = new ObjectMapper();

    /** Tests set it. */
    static volatile Duration longestWait = Duration.ofSeconds(10);

    private static final long RETRY_MILLIS = 50;
    private static final int BUFFER_SIZE = 64 * 1024;

    private final JavaProcess process;
    private final Path socket;
    private final Path request;

    private Target(JavaProcess process) {
        this.process = process;
        Path folder = process.folder();
        this.socket = folder.resolve(process.ownPid() + ".sock");
        this.request = folder.resolve(process.ownPid() + ".attach");
    }

    /** Finds a program. */
    static Target of(long pid) throws LookException {
        var process = new JavaProcess(pid);
        if (!process.exists()) {
            throw new LookException("There is no process " + pid + ". 'offloop ps' lists those with an event loop");
        }
        if (!process.isMine()) {
            throw new LookException("Process " + pid + " belongs to another user: run offloop as that user");
        }
        if (!process.mayHaveLoop()) {
            throw new LookException(
                    "Process " + pid
                            + " runs no event loop of Offloop that is watched; one with -Doffloop.slowStepThreshold=off is not");
        }
        return new Target(process);
    }

    /** Asks a question. */
    JsonNode ask(String question) throws LookException {
        try (SocketChannel channel = connect();
                var _ = closeIfLate(channel)) {
            channel.write(ByteBuffer.wrap((question + "\n").getBytes(StandardCharsets.UTF_8)));
            JsonNode answer = JSON.readTree(all(channel));
            int protocol = answer.path("protocol").asInt(PROTOCOL);
            if (protocol != PROTOCOL) {
                throw new LookException("Process " + process.pid() + " runs Offloop "
                        + answer.path("version").asText("of another version") + ", which this tool, "
                        + Main.Version.text() + ", does not understand: use the tool of that version");
            }
            if (answer.has("error")) {
                throw new LookException(answer.get("error").asText());
            }
            return answer;
        } catch (JsonProcessingException e) {
            throw new LookException("Process " + process.pid()
                    + " gave an answer that is not readable: it has ended, or" + " runs another version of Offloop");
        } catch (ClosedChannelException late) {
            throw new LookException(noAnswer());
        } catch (IOException e) {
            throw new LookException("Process " + process.pid() + " does not answer: " + e.getMessage());
        }
    }

    private static byte[] all(SocketChannel channel) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
        while (channel.read(buffer.clear()) >= 0) {
            bytes.write(buffer.array(), 0, buffer.position());
        }
        return bytes.toByteArray();
    }

    private SocketChannel connect() throws IOException, LookException {
        SocketChannel channel = connectOrNull();
        if (channel != null) {
            return channel;
        }
        requestAttach();
        long end = System.nanoTime() + longestWait.toNanos();
        try {
            while (System.nanoTime() < end && process.exists()) {
                Thread.sleep(RETRY_MILLIS);
                channel = connectOrNull();
                if (channel != null) {
                    return channel;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Files.deleteIfExists(request);
        }
        throw new LookException(noAnswer());
    }

    private String noAnswer() {
        return process.exists()
                ? "Process " + process.pid() + " did not answer within " + longestWait.toSeconds()
                        + " s: it is suspended, gets no processor, or runs a version of Offloop without a monitor"
                : "Process " + process.pid() + " has ended";
    }

    /** A process that is suspended accepts connections all the same. */
    private static Timeout closeIfLate(SocketChannel channel) {
        Thread closing = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(longestWait);
                channel.close();
            } catch (InterruptedException | IOException inTime) {
                // there is an answer, or nothing to close
            }
        });
        return closing::interrupt;
    }

    /** Ends with the wait. */
    private interface Timeout extends AutoCloseable {
        @Override
        void close();
    }

    private @Nullable SocketChannel connectOrNull() throws IOException {
        if (!Files.exists(socket)) {
            return null;
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException notYet) { // or left behind by a program that was killed
            channel.close();
            return null;
        }
    }

    private void requestAttach() throws IOException, LookException {
        Path folder = request.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("no folder for " + request);
        }
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        var mode = PosixFilePermissions.fromString(JavaProcess.mode());
        try {
            if (posix) {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(mode));
            } else {
                Files.createDirectory(folder);
            }
        } catch (FileAlreadyExistsException e) {
            boolean mine = !posix
                    || (Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS)
                                    .equals(mode)
                            && (!JavaProcess.hasProc()
                                    || Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
                                            .equals(Files.getOwner(Path.of("/proc/self")))));
            if (!mine) {
                throw new LookException(folder + " belongs to another user, or others can enter it: remove it");
            }
        }
        Files.write(request, new byte[0]);
    }
}
