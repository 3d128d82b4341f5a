package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Weights for tests. */
final class Blocks {
    private Blocks() { }

    /** Random bytes with scales that are numbers. */
    static byte[] random(DType format, int elements, Random random) {
        byte[] bytes = new byte[(int) format.bytes(elements)];
        random.nextBytes(bytes);
        for (int block = 0; block < bytes.length; block += format.blockBytes()) {
            for (int half : halves(format)) {
                put(bytes, block + half, Float16.fromFloat(random.nextFloat() - 0.5f));
            }
            if (format == DType.MXFP4) {
                bytes[block] = (byte) (120 + random.nextInt(8));
            }
        }
        return bytes;
    }

    /** Gives all scales and mins of blocks these bits, and powers of two 1. */
    static void setScales(DType format, byte[] bytes, int bits) {
        for (int block = 0; block < bytes.length; block += format.blockBytes()) {
            for (int half : halves(format)) {
                put(bytes, block + half, bits);
            }
            if (format == DType.MXFP4) {
                bytes[block] = 127;
            }
        }
    }

    /** Where in a block there are scales and mins in binary16. */
    private static int[] halves(DType format) {
        return switch (format) {
            case Q4_1, Q5_1, Q4_K, Q5_K -> new int[] {0, 2};
            case Q2_K -> new int[] {80, 82};
            case Q3_K -> new int[] {108};
            case Q6_K -> new int[] {208};
            case F32, BF16, MXFP4 -> new int[] {};
            default -> new int[] {0};
        };
    }

    private static void put(byte[] bytes, int at, int half) {
        bytes[at] = (byte) half;
        bytes[at + 1] = (byte) (half >> 8);
    }

    static MemorySegment segment(byte[] bytes) {
        MemorySegment segment = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }
}
