package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

import static dev.crema.jvm.vector.Lanes.HALF_S;
import static dev.crema.jvm.vector.Lanes.ORDER;
import static dev.crema.jvm.vector.Lanes.WIDE_F;
import static dev.crema.jvm.vector.Lanes.WIDE_I;

/** Decodes {@link Packed} weights into the panels of {@link Gemm}: rows stand side by side already. */
final class PackedPanel {
    private static final int SUPER = Packed.SUPER_BLOCK;
    private static final int ROWS = Packed.ROWS;
    private static final int LANES = WIDE_F.length();

    private PackedPanel() { }

    /**
     * {@code panel[32k + f]} of scratch becomes element {@code [first + f, column + k]}; first is a multiple of 32, the rest whole blocks of a chunk. Scales and
     * mins stand in {@code decoded}, 64 floats a block.
     */
    static void fill(Matrix weight, int first, int column, int depth, Scratch scratch) {
        if (!Packed.isNibbles(weight.format())) {
            PackedBytes.fill(weight, first, column, depth, scratch);
            return;
        }
        scales(weight, first, column, depth, scratch.decoded, 0, ROWS);
        long quants = first / ROWS * weight.groupBytes() + Packed.quantsAt(weight.format(), weight.columns(), column);
        for (int block = 0; block < depth / Packed.BLOCK; block++) {
            long at = quants + block * Packed.quantBytes(weight.format(), Packed.BLOCK);
            for (int f = 0; f < ROWS; f += LANES) {
                quants(weight.bytes(), at + f * 2L, scratch.decoded, block * 2 * ROWS + f, scratch.panel, block * Packed.BLOCK * ROWS + f);
            }
        }
    }

    /**
     * Scales and mins of a group, of each block {@code stride} scales, then as many mins, of which the group's are 32 from {@code to}. All formats are
     * seen as {@code scale * quant + min}.
     */
    static void scales(Matrix weight, int first, int column, int depth, float[] scales, int to, int stride) {
        MemorySegment bytes = weight.bytes();
        // Where the scales of the super-block begin, and the block in it.
        long at = first / ROWS * weight.groupBytes() + Packed.scalesAt(weight.format(), column / SUPER * SUPER);
        int block = column % SUPER / Packed.BLOCK;
        int blocks = depth / Packed.BLOCK;
        for (int f = 0; f < ROWS; f += LANES) {
            switch (weight.format()) {
                case Q4_0 -> scales(bytes, at + block * 2L * ROWS + f * 2L, blocks, 8, scales, to + f, stride);
                case Q4_1 -> scalesAndMins(bytes, at + block * 4L * ROWS + f * 2L, blocks, scales, to + f, stride);
                default -> superScales(bytes, at + f * 2L, block, blocks, scales, to + f, stride);
            }
        }
    }

    /** The same for quants that are bytes, of as many groups as the format has in so many columns, from scales at {@code at}. */
    static void scales(Matrix weight, long at, int depth, float[] scales) {
        MemorySegment bytes = weight.bytes();
        int blocks = depth / Packed.BLOCK;
        for (int f = 0; f < ROWS; f += LANES) {
            switch (weight.format()) {
                case Q8_0, Q5_0, IQ4_NL -> scales(bytes, at + f * 2L, blocks, 0, scales, f, ROWS);
                case Q5_1 -> scalesAndMins(bytes, at + f * 2L, blocks, scales, f, ROWS);
                case Q5_K -> superScales(bytes, at + f * 2L, 0, blocks, scales, f, ROWS);
                case Q6_K, Q3_K -> pairScales(bytes, at + f * 2L, blocks, scales, f);
                default -> eachScale(weight.format(), bytes, at, depth, scales, f);
            }
        }
    }

    /** A group of 16 columns has a byte. */
    private static void pairScales(MemorySegment bytes, long at, int blocks, float[] scales, int from) {
        int inSuper = SUPER / Packed.BLOCK;
        FloatVector nothing = FloatVector.zero(WIDE_F);
        for (int b = 0; b < blocks; b++) {
            long superBlock = at + b / inSuper * PackedScales.bytes(DType.Q6_K, SUPER);
            IntVector pair = shorts(bytes, superBlock + (1 + b % inSuper) * 2L * ROWS);
            FloatVector d = half(bytes, superBlock);
            IntVector low = pair.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24);
            d.mul((FloatVector) low.convert(VectorOperators.I2F, 0)).intoArray(scales, 4 * b * ROWS + from);
            d.mul((FloatVector) pair.lanewise(VectorOperators.ASHR, 8).convert(VectorOperators.I2F, 0)).intoArray(scales, (4 * b + 2) * ROWS + from);
            nothing.intoArray(scales, (4 * b + 1) * ROWS + from);
            nothing.intoArray(scales, (4 * b + 3) * ROWS + from);
        }
    }

    /** One by one, of formats that are rare. */
    private static void eachScale(DType format, MemorySegment bytes, long at, int depth, float[] scales, int from) {
        int columns = PackedScales.group(format);
        for (int k = 0; k < depth; k += columns) {
            long block = at + PackedScales.bytes(format, k / format.blockSize() * format.blockSize());
            for (int lane = from; lane < from + LANES; lane++) {
                scales[k / columns * 2 * ROWS + lane] = PackedScales.scale(format, bytes, block + lane * 2L, k % format.blockSize());
                scales[(k / columns * 2 + 1) * ROWS + lane] = PackedScales.min(format, bytes, block + lane * 2L, k % format.blockSize());
            }
        }
    }

    private static void scales(MemorySegment bytes, long at, int blocks, int middle, float[] scales, int from, int stride) {
        for (int b = 0; b < blocks; b++) {
            FloatVector scale = half(bytes, at + b * 2L * ROWS);
            scale.intoArray(scales, 2 * b * stride + from);
            scale.mul(-middle).intoArray(scales, (2 * b + 1) * stride + from);
        }
    }

    private static void scalesAndMins(MemorySegment bytes, long at, int blocks, float[] scales, int from, int stride) {
        for (int b = 0; b < blocks; b++) {
            half(bytes, at + b * 4L * ROWS).intoArray(scales, 2 * b * stride + from);
            half(bytes, at + (b * 4L + 2) * ROWS).intoArray(scales, (2 * b + 1) * stride + from);
        }
    }

    private static void superScales(MemorySegment bytes, long at, int block, int blocks, float[] scales, int from, int stride) {
        int inSuper = SUPER / Packed.BLOCK;
        for (int b = 0; b < blocks; b++) {
            long superBlock = at + (block + b) / inSuper * PackedScales.bytes(DType.Q4_K, SUPER);
            IntVector pairs = shorts(bytes, superBlock + (4L + 2 * ((block + b) % inSuper)) * ROWS);
            FloatVector scale = (FloatVector) pairs.and(255).convert(VectorOperators.I2F, 0);
            half(bytes, superBlock).mul(scale).intoArray(scales, 2 * b * stride + from);
            FloatVector min = (FloatVector) pairs.lanewise(VectorOperators.LSHR, 8).and(255).convert(VectorOperators.I2F, 0);
            half(bytes, superBlock + 2L * ROWS).mul(min).neg().intoArray(scales, (2 * b + 1) * stride + from);
        }
    }

    private static void quants(MemorySegment bytes, long at, float[] scales, int from, float[] panel, int to) {
        FloatVector scale = FloatVector.fromArray(WIDE_F, scales, from);
        FloatVector min = FloatVector.fromArray(WIDE_F, scales, from + ROWS);
        for (int k = 0; k < Packed.BLOCK; k += 4, at += 2L * ROWS, to += 4 * ROWS) {
            IntVector four = shorts(bytes, at);
            put(four, scale, min, panel, to);
            put(four.lanewise(VectorOperators.LSHR, 4), scale, min, panel, to + ROWS);
            put(four.lanewise(VectorOperators.LSHR, 8), scale, min, panel, to + 2 * ROWS);
            put(four.lanewise(VectorOperators.LSHR, 12), scale, min, panel, to + 3 * ROWS);
        }
    }

    private static void put(IntVector quants, FloatVector scale, FloatVector min, float[] panel, int to) {
        ((FloatVector) quants.and(15).convert(VectorOperators.I2F, 0)).fma(scale, min).intoArray(panel, to);
    }

    static IntVector shorts(MemorySegment bytes, long at) {
        return (IntVector) ShortVector.fromMemorySegment(HALF_S, bytes, at, ORDER).convertShape(VectorOperators.S2I, WIDE_I, 0);
    }

    /** {@link Decoder#ofHalves} in wide vectors. */
    static FloatVector half(MemorySegment bytes, long at) {
        IntVector halves = shorts(bytes, at);
        FloatVector magnitude = halves.and(0x7fff).lanewise(VectorOperators.LSHL, 13).reinterpretAsFloats().mul(0x1p112f);
        return magnitude.reinterpretAsInts().or(halves.and(0x80000000)).reinterpretAsFloats();
    }
}
