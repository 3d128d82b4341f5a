package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;
import static dev.crema.jvm.vector.Lanes.I;
import static dev.crema.jvm.vector.Lanes.ORDER;
import static dev.crema.jvm.vector.Lanes.S;

/** Decodes {@link Packed} weights into the panels of {@link Gemm}: rows stand side by side already. */
final class PackedPanel {
    private static final int SUPER = Packed.SUPER_BLOCK;
    /** Floats of a block: 16 scales, then 16 mins. */
    private static final int SCALES = 2 * Tile.COLUMNS;

    private PackedPanel() { }

    /**
     * {@code panel[16k + f]} is element {@code [first + f, column + k]}; first is a multiple of 16, the rest whole blocks. {@code scratch} takes
     * scales and mins of as many blocks, 32 floats a block.
     */
    static void fill(Matrix weight, int first, int column, int depth, float[] panel, float[] scratch) {
        if (weight.format() == DType.Q6_K) {
            PackedBytes.fill(weight, first, column, depth, panel, scratch);
            return;
        }
        long group = first / Packed.ROWS * weight.groupBytes();
        int lane = first % Packed.ROWS;
        scales(weight, group + Packed.scaleBytes(weight.format(), column / SUPER * SUPER) + lane * 2L, column % SUPER / Packed.BLOCK,
            depth / Packed.BLOCK, scratch);
        long quants = group + Packed.scaleBytes(weight.format(), weight.columns()) + lane * 2L;
        for (int block = 0; block < depth / Packed.BLOCK; block++) {
            long at = quants + (column / Packed.BLOCK + block) * (long) Packed.QUANT_BYTES;
            for (int f = 0; f < Tile.COLUMNS; f += COUNT) {
                quants(weight.bytes(), at + f * 2L, scratch, block * SCALES + f, panel, block * Packed.BLOCK * Tile.COLUMNS + f);
            }
        }
    }

    /** All formats are seen as {@code scale * quant + min}; {@code at} is where the scales of the super-block begin, {@code block} counts in it. */
    private static void scales(Matrix weight, long at, int block, int blocks, float[] scales) {
        MemorySegment bytes = weight.bytes();
        for (int f = 0; f < Tile.COLUMNS; f += COUNT) {
            switch (weight.format()) {
                case Q4_0 -> scales(bytes, at + block * 2L * Packed.ROWS + f * 2L, blocks, scales, f);
                case Q4_1 -> scalesAndMins(bytes, at + block * 4L * Packed.ROWS + f * 2L, blocks, scales, f);
                default -> superScales(bytes, at + f * 2L, block, blocks, scales, f);
            }
        }
    }

    private static void scales(MemorySegment bytes, long at, int blocks, float[] scales, int from) {
        for (int b = 0; b < blocks; b++) {
            FloatVector scale = half(bytes, at + b * 2L * Packed.ROWS);
            scale.intoArray(scales, b * SCALES + from);
            scale.mul(-8).intoArray(scales, b * SCALES + from + Tile.COLUMNS);
        }
    }

    private static void scalesAndMins(MemorySegment bytes, long at, int blocks, float[] scales, int from) {
        for (int b = 0; b < blocks; b++) {
            half(bytes, at + b * 4L * Packed.ROWS).intoArray(scales, b * SCALES + from);
            half(bytes, at + (b * 4L + 2) * Packed.ROWS).intoArray(scales, b * SCALES + from + Tile.COLUMNS);
        }
    }

    private static void superScales(MemorySegment bytes, long at, int block, int blocks, float[] scales, int from) {
        int inSuper = SUPER / Packed.BLOCK;
        for (int b = 0; b < blocks; b++) {
            long superBlock = at + (block + b) / inSuper * Packed.scaleBytes(DType.Q4_K, SUPER);
            IntVector pairs = shorts(bytes, superBlock + (4L + 2 * ((block + b) % inSuper)) * Packed.ROWS);
            FloatVector scale = (FloatVector) pairs.and(255).convert(VectorOperators.I2F, 0);
            half(bytes, superBlock).mul(scale).intoArray(scales, b * SCALES + from);
            FloatVector min = (FloatVector) pairs.lanewise(VectorOperators.LSHR, 8).and(255).convert(VectorOperators.I2F, 0);
            half(bytes, superBlock + 2L * Packed.ROWS).mul(min).neg().intoArray(scales, b * SCALES + from + Tile.COLUMNS);
        }
    }

    private static void quants(MemorySegment bytes, long at, float[] scales, int from, float[] panel, int to) {
        FloatVector scale = FloatVector.fromArray(F, scales, from);
        FloatVector min = FloatVector.fromArray(F, scales, from + Tile.COLUMNS);
        for (int k = 0; k < Packed.BLOCK; k++) {
            IntVector quant = shorts(bytes, at + k / 4 * 2L * Packed.ROWS).lanewise(VectorOperators.LSHR, k % 4 * 4).and(15);
            ((FloatVector) quant.convert(VectorOperators.I2F, 0)).fma(scale, min).intoArray(panel, to + k * Tile.COLUMNS);
        }
    }

    private static IntVector shorts(MemorySegment bytes, long at) {
        return (IntVector) ShortVector.fromMemorySegment(S, bytes, at, ORDER).convertShape(VectorOperators.S2I, I, 0);
    }

    private static FloatVector half(MemorySegment bytes, long at) {
        return Decoder.ofHalves(ShortVector.fromMemorySegment(S, bytes, at, ORDER));
    }
}
