package dev.offloop.sync;

/**
 * Thrown by a {@link Queue} that was shut down: it accepts no item, or has no more to give. Counterpart of
 * {@code asyncio.QueueShutDown}.
 */
public final class QueueShutdownException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    QueueShutdownException(String message) {
        super(message);
    }
}
