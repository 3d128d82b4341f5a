package dev.crema.web.selftest;

import dev.crema.quant.RandomBlocks;
import dev.crema.sampling.Random;

/** Numbers that follow from a seed. */
final class ProbeNoise implements RandomBlocks.Source {
    private final long seed;
    private int drawn;

    ProbeNoise(long seed) {
        this.seed = seed;
    }

    @Override
    public int nextInt(int bound) {
        return (Random.bits(seed, drawn++, 0) >>> 8) % bound;
    }

    @Override
    public float next(float scale) {
        return ((Random.bits(seed, drawn++, 0) >>> 8) * 0x1p-23f - 1) * scale;
    }
}
