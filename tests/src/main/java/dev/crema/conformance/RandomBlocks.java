package dev.crema.conformance;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

/** Blocks of random bits for formats that nothing here quantises to; only the scales are drawn with care, to be small numbers. */
final class RandomBlocks {
    private RandomBlocks() { }

    static byte[] of(DType format, long elements, Noise noise) {
        byte[] bytes = new byte[(int) format.bytes(elements)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) noise.nextInt(256);
        }
        for (int block = 0; block < bytes.length; block += format.blockBytes()) {
            for (int place : scalesOf(format)) {
                int half = Float16.fromFloat(0.01f + noise.next(0.009f));
                bytes[block + place] = (byte) half;
                bytes[block + place + 1] = (byte) (half >> 8);
            }
            if (format == DType.MXFP4) {
                // A power of two: 2^(byte - 127).
                bytes[block] = (byte) (118 + noise.nextInt(4));
            }
        }
        return bytes;
    }

    /** Where a block keeps its binary16 scales (ggml-common.h). */
    private static int[] scalesOf(DType format) {
        return switch (format) {
            case Q5_0, IQ4_NL, IQ4_XS -> new int[] {0};
            case Q4_1, Q5_1, Q4_K, Q5_K -> new int[] {0, 2};
            case Q2_K -> new int[] {80, 82};
            case Q3_K -> new int[] {108};
            case Q6_K -> new int[] {208};
            case MXFP4 -> new int[0];
            default -> throw new IllegalArgumentException("no random blocks of " + format);
        };
    }
}
