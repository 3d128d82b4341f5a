package dev.crema;

/**
 * A flag that one side raises and the other polls. Cancelling twice is harmless. The engine polls it between steps, the
 * loader between chunks, so cancelling never leaves half a step behind.
 */
public class Cancellation {
    private volatile boolean cancelled;

    public void cancel() {
        cancelled = true;
    }

    public boolean isCancelled() {
        return cancelled;
    }

    /** Throws {@link ErrorCode#CANCELLED} when the flag is up. */
    public void check() {
        if (cancelled) {
            throw new CremaException(ErrorCode.CANCELLED, "The request was cancelled.", "");
        }
    }
}
