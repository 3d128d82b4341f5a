package dev.crema.engine;

import dev.crema.Clock;
import dev.crema.CremaException;

/**
 * Tells a mishap from a device that does not work: a device that fails is replaced, but not when the last replacement has brought no token
 * yet, nor within a minute of it.
 */
final class Losses {
    static final long APART_NANOS = 60_000_000_000L;

    private final Clock clock;
    private boolean replaced;
    private boolean tokenSince;
    private long replacedAt;

    Losses(Clock clock) {
        this.clock = clock;
    }

    /** A token was read from the device. */
    void token() {
        tokenSince = true;
    }

    void replaced() {
        replaced = true;
        tokenSince = false;
        replacedAt = clock.nanos();
    }

    /** Throws the error that ends all requests where the device is not to be replaced after {@code failure}. */
    void check(CremaException failure) {
        long nanos = clock.nanos() - replacedAt;
        if (replaced && (!tokenSince || nanos < APART_NANOS)) {
            throw new CremaException(failure.code(), "The device failed again, " + nanos / 1_000_000_000 + " seconds after it was replaced"
                + (tokenSince ? "" : " and before it gave a token") + ". " + failure.getMessage(),
                "Load the model again. If it goes on, close other programs that use the GPU, or choose a smaller model or context.", failure);
        }
    }
}
