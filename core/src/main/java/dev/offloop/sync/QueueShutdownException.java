package dev.offloop.sync;

/**
 * The queue was shut down: it takes nothing more, or has nothing more to give. Counterpart of
 * {@code asyncio.QueueShutDown}.
 */
public final class QueueShutdownException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    QueueShutdownException(String message) {
        super(message);
    }
}
