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
        int[] halves = switch (format) {
            case Q4_1, Q5_1, Q4_K, Q5_K -> new int[] {0, 2};
            case Q2_K -> new int[] {80, 82};
            case Q3_K -> new int[] {108};
            case Q6_K -> new int[] {208};
            case F32, BF16, MXFP4 -> new int[] {};
            default -> new int[] {0};
        };
        for (int block = 0; block < bytes.length; block += format.blockBytes()) {
            for (int half : halves) {
                int scale = Float16.fromFloat(random.nextFloat() - 0.5f);
                bytes[block + half] = (byte) scale;
                bytes[block + half + 1] = (byte) (scale >> 8);
            }
        }
        return bytes;
    }

    static MemorySegment segment(byte[] bytes) {
        MemorySegment segment = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment;
    }
}
