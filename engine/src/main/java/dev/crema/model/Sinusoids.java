package dev.crema.model;

import dev.crema.quant.Quant;
import dev.crema.tensor.DType;

/** Positions as waves (arXiv 1706.03762), in CTRL's order: the sines of all wavelengths, then their cosines. */
final class Sinusoids {
    private Sinusoids() { }

    /** [positions, channels] in F32. */
    static byte[] bytes(int positions, int channels) {
        float[] waves = new float[Math.multiplyExact(positions, channels)];
        int half = channels / 2;
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < half; i++) {
                double angle = position / Math.pow(10000, 2.0 * i / channels);
                waves[position * channels + i] = (float) Math.sin(angle);
                waves[position * channels + half + i] = (float) Math.cos(angle);
            }
        }
        byte[] bytes = new byte[(int) DType.F32.bytes(waves.length)];
        Quant.quantize(DType.F32, waves, 0, bytes, 0, waves.length);
        return bytes;
    }
}
