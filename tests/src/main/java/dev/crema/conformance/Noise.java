package dev.crema.conformance;

import dev.crema.quant.RandomBlocks;

/** Seeded numbers that are the same on every platform (SplitMix64). */
public final class Noise implements RandomBlocks.Source {
    private long state;

    public Noise(long seed) {
        state = seed;
    }

    /** A seed from a name, so that each case has its own and can be run again. */
    public static long seedOf(String name) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    @Override
    public int nextInt(int bound) {
        return (int) ((next() >>> 33) % bound);
    }

    @Override
    public float next(float scale) {
        return ((next() >>> 40) * 0x1p-23f - 1) * scale;
    }

    public float[] floats(int count, float scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = next(scale);
        }
        return values;
    }

    private long next() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
