package dev.offloop.hosts;

import static dev.offloop.Async.await;
import static dev.offloop.Async.createTask;
import static dev.offloop.Async.sleep;
import static dev.offloop.Async.toThread;

import dev.offloop.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.swing.JButton;
import javax.swing.JFrame;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.SwingUtilities;

/** A desktop program for {@link SwingTest}: a button starts a task that blocks elsewhere and updates its window. */
final class SwingWindow {

    private SwingWindow() {}

    public static void main(String[] args) throws Exception {
        EventLoop loop = EventLoop.on(SwingUtilities::invokeLater);
        loop.runCoroutineThreadsafe(() -> {}).get(20, TimeUnit.SECONDS);
        var done = new CompletableFuture<String>();
        var ticks = new CountDownLatch(4);
        SwingUtilities.invokeAndWait(() -> {
            var label = new JLabel("idle");
            var button = new JButton("load");
            var panel = new JPanel();
            panel.add(label);
            panel.add(button);
            var frame = new JFrame("Offloop");
            frame.add(panel);
            frame.pack();
            frame.setVisible(true);
            button.addActionListener(_ -> createTask(() -> {
                label.setText("loading");
                String text = await(toThread(() -> {
                    boolean _ = ticks.await(20, TimeUnit.SECONDS); // which the window must go on for
                    return "loaded";
                }));
                label.setText(text);
                frame.pack();
                done.complete(label.getText());
                await(loop.callOnOwnThread(frame::dispose));
            }));
            createTask(() -> {
                while (!done.isDone()) {
                    sleep(Duration.ofMillis(10));
                    ticks.countDown();
                }
            });
            button.doClick();
        });
        System.out.println("label: " + done.get(40, TimeUnit.SECONDS));
        System.out.println("ticked meanwhile: " + (ticks.getCount() == 0));
        loop.shutdown().get(20, TimeUnit.SECONDS);
    }
}
