package dev.crema.sampling;

/** Says after each token which may come next, as a grammar does. */
@FunctionalInterface
public interface TokenConstraint {
    /** The only tokens that may follow {@code reply}, or null for all. */
    TokenMask next(int[] reply);

    /** Whether nothing may follow {@code reply}: it ends there, without an end token. */
    default boolean ends(int[] reply) {
        return false;
    }
}
