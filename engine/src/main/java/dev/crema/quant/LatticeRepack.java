package dev.crema.quant;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

/**
 * Lattice formats as formats that devices compute with, the smallest in which their numbers stand but for the rounding of an f16: IQ3_S and IQ1_S
 * have quants of 16 even steps with a scale for 32, as Q4_K has; IQ3_XXS and IQ1_M have six bits, as Q6_K; IQ2_XXS has seven bits with a scale
 * for 32, as Q8_0. IQ2_XS and IQ2_S have seven bits with a scale for 16 and become Q8_0, too: where the scales of two neighbours differ, their
 * quants are rounded to the common step that makes the least error, some 1e-5 of their squares.
 */
public final class LatticeRepack {
    /** The largest level of IQ2. */
    private static final int LARGEST = 43;

    private final Lattice format;
    private final DType from;
    private final DType to;
    private final Lattice.Block block = new Lattice.Block();
    /** By the scales' bits: what the largest quant becomes, 0 where that was not needed yet. */
    private final int[] largest = new int[256];

    /** A converter from a format whose {@link #target} is not null. */
    public LatticeRepack(DType from) {
        this.from = from;
        format = Lattice.of(from);
        to = target(from);
        if (to == null) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, from + " is no lattice format.", "Convert IQ1, IQ2 or IQ3.");
        }
    }

    /** What a lattice format becomes, null for other formats. */
    public static DType target(DType from) {
        return switch (from) {
            case IQ1_S, IQ3_S -> DType.Q4_K;
            case IQ1_M, IQ3_XXS -> DType.Q6_K;
            case IQ2_XXS, IQ2_XS, IQ2_S -> DType.Q8_0;
            default -> null;
        };
    }

    /** Converts {@code blocks} super-blocks of 256 elements. */
    public void repack(byte[] in, byte[] out, int blocks) {
        int bytes = (int) to.bytes(Lattice.BLOCK);
        for (int n = 0; n < blocks; n++) {
            format.read(in, n * from.blockBytes(), block);
            float d = block.d * format.unit;
            switch (from) {
                case IQ1_S -> fourBits(d, 9, out, n * bytes);
                case IQ3_S -> fourBits(d, 15, out, n * bytes);
                case IQ1_M -> sixBits(d, 1, out, n * bytes);
                case IQ3_XXS -> sixBits(d, 2, out, n * bytes);
                default -> eightBits(d, out, n * bytes);
            }
        }
    }

    /** Odd quants from {@code -most} to {@code most}: {@code 2 d scale q - most d scale}. */
    private void fourBits(float d, int most, byte[] out, int at) {
        byte[] quants = new byte[Lattice.BLOCK];
        for (int i = 0; i < quants.length; i++) {
            quants[i] = (byte) (block.quants[i] + most >> 1);
        }
        int[] scales = new int[8];
        for (int group = 0; group < 8; group++) {
            scales[group] = block.scales[2 * group];
        }
        Q4_K.pack(quants, scales, scales, 2 * d, most * d, false, out, at);
    }

    /** Multiples of {@code step}. */
    private void sixBits(float d, int step, byte[] out, int at) {
        byte[] quants = new byte[Lattice.BLOCK];
        for (int i = 0; i < quants.length; i++) {
            quants[i] = (byte) (block.quants[i] / step + 32);
        }
        int[] scales = new int[16];
        for (int group = 0; group < 16; group++) {
            scales[group] = block.scales[group] + 128;
        }
        Q6_K.pack(quants, scales, null, step * d, 0, out, at);
    }

    private void eightBits(float d, byte[] out, int at) {
        for (int group = 0; group < 8; group++) {
            int first = block.scales[2 * group];
            int second = block.scales[2 * group + 1];
            float step = (float) (LARGEST * Math.max(first, second)) / largest(first, second);
            NumberFormat.putShort16(out, at + group * 34, Float16.fromFloat(d * step));
            for (int i = 0; i < 32; i++) {
                out[at + group * 34 + 2 + i] = (byte) Math.round(block.quants[group * 32 + i] * (i < 16 ? first : second) / step);
            }
        }
    }

    private int largest(int first, int second) {
        int key = first >> 1 | second >> 1 << 4;
        if (largest[key] == 0) {
            double least = Double.MAX_VALUE;
            for (int quant = LARGEST; quant <= 127; quant++) {
                double error = error(first, second, (double) (LARGEST * Math.max(first, second)) / quant);
                if (error < least) {
                    least = error;
                    largest[key] = quant;
                }
            }
        }
        return largest[key];
    }

    /** Square of what is lost where all levels are as frequent. */
    private static double error(int first, int second, double step) {
        double sum = 0;
        for (int level : LatticePoints.LEVELS_IQ2) {
            double a = Math.rint(level * first / step) * step - level * first;
            double b = Math.rint(level * second / step) * step - level * second;
            sum += a * a + b * b;
        }
        return sum;
    }
}
