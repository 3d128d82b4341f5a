package dev.crema.quant;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

/** Weights in formats that Crema reads but does not write: blocks of random bits, with scales that keep the elements small. */
public final class RandomBlocks {
    /** Where the random numbers come from; the same source in the same state makes the same blocks. */
    public interface Source {
        /** Uniform from 0 to {@code bound - 1}. */
        int nextInt(int bound);

        /** Uniform in [-scale, scale). */
        float next(float scale);
    }

    private RandomBlocks() { }

    /** Elements of about {@code size}, which at random have all quants, group scales and signs that the format knows. */
    public static byte[] of(DType format, int elements, float size, Source noise) {
        byte[] bytes = new byte[(int) format.bytes(elements)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) noise.nextInt(256);
        }
        for (int block = 0; block < bytes.length; block += format.blockBytes()) {
            scale(format, bytes, block, size, noise);
        }
        return bytes;
    }

    /** The size is divided by what quants and group scales usually come to. */
    private static void scale(DType format, byte[] bytes, int block, float size, Source noise) {
        switch (format) {
            case Q4_1 -> put(bytes, block, size / 8, size, noise);
            case Q5_0 -> put(bytes, block, size / 12, noise);
            case Q5_1 -> put(bytes, block, size / 16, size, noise);
            case Q2_K -> put(bytes, block + 80, size / 12, size / 8, noise);
            case Q3_K -> put(bytes, block + 108, size / 40, noise);
            case Q4_K -> put(bytes, block, size / 240, size / 32, noise);
            case Q5_K -> put(bytes, block, size / 480, size / 32, noise);
            case Q6_K -> put(bytes, block + 208, size / 1200, noise);
            case IQ4_NL -> put(bytes, block, size / 60, noise);
            case IQ4_XS -> put(bytes, block, size / 1000, noise);
            case IQ2_XXS, IQ2_XS, IQ2_S, IQ2_LEVELS -> put(bytes, block, size / 60, noise);
            case IQ3_XXS, IQ3_S -> put(bytes, block, size / 160, noise);
            case IQ1_S -> put(bytes, block, size / 8, noise);
            case IQ1_M -> putNibbles(bytes, block + 48, size / 8, noise);
            case TQ1_0 -> put(bytes, block + 52, size, noise);
            case TQ2_0 -> put(bytes, block + 64, size, noise);
            case Q1_0, Q2_0 -> put(bytes, block, size, noise);
            case NVFP4 -> nvfp4(bytes, block, size, noise);
            // An exponent of two.
            case MXFP4 -> bytes[block] = (byte) (127 + Math.getExponent(size) - 1 - noise.nextInt(2));
            default -> throw new IllegalArgumentException("no random blocks of " + format);
        }
    }

    /** Four scales of a power of two and three more bits. */
    private static void nvfp4(byte[] bytes, int block, float size, Source noise) {
        for (int i = 0; i < 4; i++) {
            bytes[block + i] = (byte) (Math.max(0, Math.getExponent(size) + 5) << 3 | noise.nextInt(8));
        }
    }

    private static void put(byte[] bytes, int at, float scale, float minimum, Source noise) {
        put(bytes, at, scale, noise);
        put(bytes, at + 2, minimum, noise);
    }

    /** An f16 of either sign, of the half of {@code size} at least. */
    private static void put(byte[] bytes, int at, float size, Source noise) {
        int half = half(size, noise);
        bytes[at] = (byte) half;
        bytes[at + 1] = (byte) (half >> 8);
    }

    /** The same, in the upper four bits of four 16-bit words. */
    private static void putNibbles(byte[] bytes, int at, float size, Source noise) {
        int half = half(size, noise);
        for (int i = 0; i < 4; i++) {
            bytes[at + 2 * i + 1] = (byte) (bytes[at + 2 * i + 1] & 15 | (half >> 4 * i & 15) << 4);
        }
    }

    private static int half(float size, Source noise) {
        float x = noise.next(size / 2);
        return Float16.fromFloat(x < 0 ? x - size / 2 : x + size / 2);
    }
}
