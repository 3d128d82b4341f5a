package dev.crema.engine;

import dev.crema.Cancellation;

/** What the sender of a request may still do about it: cancel it, or have it end where it is. */
public final class RequestControl extends Cancellation {
    private final int priority;
    private boolean finishing;

    /** {@code priority}: of requests that wait, the one with the highest starts first, and of those the oldest; 0 is usual. */
    public RequestControl(int priority) {
        this.priority = priority;
    }

    public int priority() {
        return priority;
    }

    /** Ends the reply with what it has, as if the model had ended it. */
    public void finish() {
        finishing = true;
    }

    public boolean isFinishing() {
        return finishing;
    }
}
