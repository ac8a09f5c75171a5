package dev.offloop.hosts;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;
import static dev.offloop.Async.yieldNow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offloop.Async;
import dev.offloop.CancelledError;
import dev.offloop.EventLoop;
import dev.offloop.Task;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A loop on a Netty 4.2 event loop. */
class NettyTest {

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    private final EventLoop loop = EventLoop.on(group.next());

    @AfterEach
    void shutDown() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }

    @Test
    void callbacksRunOnNettysThread() throws Exception {
        assertThat(loop.runCoroutineThreadsafe(() -> {
                            sleep(Duration.ofMillis(5));
                            return await(loop.callOnOwnThread(() -> group.next().inEventLoop()));
                        })
                        .get(20, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void aHandlerAnswersFromATaskThatOffloads() throws Exception {
        loop.runCoroutineThreadsafe(() -> {}).get(20, TimeUnit.SECONDS);
        var address = new LocalAddress("offloop-netty-test");
        Channel server = new ServerBootstrap()
                .group(group)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<LocalChannel>() {
                    @Override
                    protected void initChannel(LocalChannel channel) {
                        channel.pipeline().addLast(new SimpleChannelInboundHandler<String>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext context, String request) {
                                createTask(() -> {
                                    String answer = await(toThread(() -> {
                                        Thread.sleep(20);
                                        return request + " answered";
                                    }));
                                    context.writeAndFlush(answer);
                                });
                            }
                        });
                    }
                })
                .bind(address)
                .sync()
                .channel();
        var answer = new CompletableFuture<String>();
        Channel client = new Bootstrap()
                .group(group)
                .channel(LocalChannel.class)
                .handler(new SimpleChannelInboundHandler<String>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, String message) {
                        answer.complete(message);
                    }
                })
                .connect(address)
                .sync()
                .channel();
        client.writeAndFlush("request");
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("request answered");
        client.close().sync();
        server.close().sync();
    }

    /** The recipe of the README: a Netty future as a stage, which a task awaits. */
    static <T> CompletableFuture<T> stage(io.netty.util.concurrent.Future<T> future) {
        var stage = new CompletableFuture<T>();
        future.addListener(done -> {
            if (done.isSuccess()) {
                stage.complete(future.getNow());
            } else {
                stage.completeExceptionally(done.cause());
            }
        });
        stage.whenComplete((_, _) -> {
            if (stage.isCancelled()) {
                future.cancel(false);
            }
        });
        return stage;
    }

    @Test
    void aTaskAwaitsAChannelFuture() throws Exception {
        var address = new LocalAddress("offloop-netty-future");
        loop.runCoroutineThreadsafe(() -> {
                    ChannelFuture bound = new ServerBootstrap()
                            .group(group)
                            .channel(LocalServerChannel.class)
                            .childHandler(new ChannelInboundHandlerAdapter())
                            .bind(address);
                    await(stage(bound));
                    assertThat(bound.channel().isActive()).isTrue();
                    await(stage(bound.channel().close()));
                })
                .get(20, TimeUnit.SECONDS);
    }

    @Test
    void aFailedNettyFutureRaisesWhatItFailedWith() {
        var failed = new IllegalStateException("mine");
        assertThatThrownBy(() -> Async.run(() -> await(stage(group.next().newFailedFuture(failed)))))
                .isSameAs(failed);
    }

    @Test
    void aTaskThatIsCancelledCancelsTheNettyFuture() throws Exception {
        io.netty.util.concurrent.Promise<Void> never = group.next().newPromise();
        Async.run(() -> {
            Task<Void> task = createTask(() -> await(stage(never)));
            yieldNow();
            task.cancel();
            assertThatThrownBy(() -> await(task)).isInstanceOf(CancelledError.class);
        });
        assertThat(never.isCancelled()).isTrue();
    }

    @Test
    void endsWithItsHost() throws Exception {
        CompletableFuture<Void> task = loop.runCoroutineThreadsafe(() -> {
            while (true) { // it needs its host again and again, and does not end by itself
                sleep(Duration.ofSeconds(2));
            }
        });
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        assertThatThrownBy(() -> task.get(20, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
    }
}
