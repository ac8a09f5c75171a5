package dev.offloop.hostile;

import dev.offloop.Offload;
import dev.offloop.RemoteCallable;
import dev.offloop.hostile.HostileCode.Channel;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** What a call does to harm the pool, in its worker. */
enum Attack {
    RANDOM_BYTES(channel -> {
        byte[] bytes = new byte[1000];
        new Random(1).nextBytes(bytes);
        channel.sendRaw(bytes);
    }),
    NEGATIVE_LENGTH(channel -> channel.send(HostileCode.RESULT, channel.call(), -5, 0)),
    TWO_GIGABYTES(channel -> channel.send(HostileCode.RESULT, channel.call(), Integer.MAX_VALUE, 0)),
    TWO_GIGABYTES_OF_BODY(channel -> channel.send(HostileCode.RESULT, channel.call(), 1, Integer.MAX_VALUE, (byte) 9)),
    HALF_A_FRAME(channel -> channel.sendRaw(new byte[] {0, 0, 1})),
    UNKNOWN_TYPE(channel -> channel.send((byte) 99, channel.call())),
    HELLO_AGAIN(channel -> channel.send((byte) 1, 1, new byte[40])),
    A_CALL(channel -> channel.send((byte) 2, channel.call(), new byte[10])),
    RETIRE_THE_PARENT(channel -> channel.send((byte) 3, 0)),
    ANSWER_TO_THE_INITIALIZER(channel -> {
        for (int i = 0; i < 100; i++) {
            channel.send(HostileCode.RESULT, 0, (byte) 1);
        }
    }),
    ANSWER_TO_ANOTHER_CALL(channel -> channel.send(HostileCode.RESULT, channel.call() + 1, (byte) 1)),
    ANSWER_TO_NO_CALL(channel -> channel.send(HostileCode.RESULT, -1, (byte) 1)),
    TWO_ANSWERS(channel -> {
        channel.send(HostileCode.RESULT, channel.call(), (byte) 1);
        channel.send(HostileCode.RESULT, channel.call(), (byte) 1);
    }),
    EMPTY_FAILURE(channel -> channel.send(HostileCode.FAILURE, channel.call())),
    UNKNOWN_VALUE(channel -> channel.send(HostileCode.RESULT, channel.call(), (byte) 77)),
    CUT_OFF_VALUE(channel -> channel.send(HostileCode.RESULT, channel.call(), (byte) 3, (byte) 1)),
    CUT_OFF_STREAM(channel -> channel.send(HostileCode.RESULT, channel.call(), (byte) 0, (byte) -84, (byte) -19)),
    HUGE_LIST(channel -> channel.send(
            HostileCode.RESULT,
            channel.call(),
            ByteBuffer.allocate(5).put((byte) 13).putInt(Integer.MAX_VALUE).array())),
    UNKNOWN_LAMBDA(channel -> channel.send(
            HostileCode.RESULT,
            channel.call(),
            ByteBuffer.allocate(9).put((byte) 8).putInt(7).putInt(0).array())),
    GARBAGE_AS_PROGRESS(channel -> channel.send(HostileCode.PROGRESS, channel.call(), (byte) 0, (byte) 1)),
    HUGE_DUMP(channel -> {
        byte[] text = new byte[1_000_000];
        Arrays.fill(text, (byte) 'x');
        channel.send(HostileCode.DUMP, channel.call(), text);
        channel.send(HostileCode.DUMP, 0, text);
    }),
    PARENTS_FRAMES(channel -> {
        channel.send((byte) 8, 1, new byte[5]);
        channel.send((byte) 9, channel.call(), new byte[5]);
    });

    /** What is sent, and when: while the call runs, or when it has ended. */
    interface Frames extends java.io.Serializable {
        void send(Channel channel);
    }

    private final Frames frames;

    Attack(Frames frames) {
        this.frames = frames;
    }

    /** Sends it while the call runs. */
    RemoteCallable<Integer> whileRunning() {
        return () -> {
            frames.send(Channel.steal());
            LockSupport.parkNanos(200_000_000);
            return 1;
        };
    }

    /** Sends it when the call has ended. */
    RemoteCallable<Integer> whileIdle() {
        return () -> {
            Channel channel = Channel.steal();
            HostileCode.afterwards(() -> frames.send(channel));
            return 1;
        };
    }

    /** Says more than anybody wants to hear. */
    static void flood() {
        while (true) {
            Offload.progress(new int[1000]);
        }
    }
}
