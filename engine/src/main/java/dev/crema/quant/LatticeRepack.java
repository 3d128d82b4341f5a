package dev.crema.quant;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.tensor.DType;

/**
 * Lattice formats as formats that devices compute with, the smallest in which their numbers stand but for the rounding of an f16: IQ3_S and IQ1_S
 * have quants of 16 even steps with a scale for 32, as Q4_K has; IQ3_XXS and IQ1_M have six bits, as Q6_K; IQ2 has its own, {@link Iq2Levels}.
 */
public final class LatticeRepack {
    private final Lattice format;
    private final DType from;
    private final DType to;
    private final Lattice.Block block = new Lattice.Block();

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
            case IQ2_XXS, IQ2_XS, IQ2_S -> DType.IQ2_LEVELS;
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
                default -> Iq2Levels.pack(block, out, n * bytes);
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
}
