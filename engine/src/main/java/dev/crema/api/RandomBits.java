package dev.crema.api;

import dev.crema.Clock;

/** Ids, and seeds for requests that bring none: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). Not for secrets. */
final class RandomBits {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final int ID_LENGTH = 24;

    private long state;

    RandomBits(long seed) {
        state = seed;
    }

    /** Other bits at every start. */
    static RandomBits of(Clock clock) {
        return new RandomBits(clock.epochMillis() * 1_000_003 ^ clock.nanos());
    }

    long next() {
        state += 0x9E3779B97F4A7C15L;
        long bits = state;
        bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
        return bits ^ bits >>> 31;
    }

    /** An identifier as OpenAI writes them: a prefix and 24 letters and digits. */
    String id(String prefix) {
        var id = new StringBuilder(prefix);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ALPHABET.charAt((int) Math.floorMod(next(), (long) ALPHABET.length())));
        }
        return id.toString();
    }
}
