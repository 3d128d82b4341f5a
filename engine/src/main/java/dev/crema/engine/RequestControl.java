package dev.crema.engine;

import dev.crema.Cancellation;
import dev.crema.sampling.LogitProcessor;

/** What the sender of a request has a say in beside its text: when it starts, the logits of its tokens, pauses, and its end. */
public final class RequestControl extends Cancellation {
    private final int priority;
    private final LogitProcessor processor;
    private boolean finishing;
    private volatile boolean held;

    /** {@code priority}: of requests that wait, the one with the highest starts first, and of those the oldest; 0 is usual. {@code processor} may be null. */
    public RequestControl(int priority, LogitProcessor processor) {
        this.priority = priority;
        this.processor = processor;
    }

    LogitProcessor processor() {
        return processor;
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

    /**
     * Pauses the reply, or lets it go on, for instance while its reader has not taken what there is already. Steps under way still arrive; meanwhile its place
     * may go to others, and then its tokens come out the same all the same. May be called by any thread.
     */
    public void hold(boolean on) {
        held = on;
    }

    public boolean isHeld() {
        return held;
    }
}
