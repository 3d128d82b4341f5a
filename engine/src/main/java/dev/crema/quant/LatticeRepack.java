package dev.crema.quant;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

/**
 * Lattice formats as formats that devices compute with. IQ3_S and IQ1 have quants of six bits and whole scales for 16 elements, as Q6_K has;
 * IQ2_XXS and IQ3_XXS have one scale for 32 elements, as Q8_0 has, which f16 rounds; what has quants of seven bits and a scale for 16 becomes F16.
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

    /** The smallest format of devices that holds all numbers of a lattice format but for the rounding of f16, null for other formats. */
    public static DType target(DType from) {
        return switch (from) {
            case IQ1_S, IQ1_M, IQ3_S -> DType.Q6_K;
            case IQ2_XXS, IQ3_XXS -> DType.Q8_0;
            case IQ2_XS, IQ2_S -> DType.F16;
            default -> null;
        };
    }

    /** Converts {@code blocks} super-blocks of 256 elements. */
    public void repack(byte[] in, byte[] out, int blocks) {
        int bytes = (int) to.bytes(Lattice.BLOCK);
        for (int n = 0; n < blocks; n++) {
            format.read(in, n * from.blockBytes(), block);
            float d = block.d * format.unit;
            switch (to) {
                case Q6_K -> sixBits(d, out, n * bytes);
                case Q8_0 -> eightBits(d, out, n * bytes);
                default -> floats(d, out, n * bytes);
            }
        }
    }

    private void sixBits(float d, byte[] out, int at) {
        byte[] quants = new byte[Lattice.BLOCK];
        for (int i = 0; i < quants.length; i++) {
            quants[i] = (byte) (block.quants[i] + 32);
        }
        int[] scales = new int[16];
        for (int group = 0; group < 16; group++) {
            scales[group] = block.scales[group] + 128;
        }
        Q6_K.pack(quants, scales, null, d, 0, out, at);
    }

    private void eightBits(float d, byte[] out, int at) {
        for (int group = 0; group < 8; group++) {
            NumberFormat.putShort16(out, at + group * 34, Float16.fromFloat(d * block.scales[2 * group]));
            System.arraycopy(block.quants, group * 32, out, at + group * 34 + 2, 32);
        }
    }

    private void floats(float d, byte[] out, int at) {
        for (int i = 0; i < Lattice.BLOCK; i++) {
            NumberFormat.putShort16(out, at + 2 * i, Float16.fromFloat(d * block.scales[i / 16] * block.quants[i]));
        }
    }
}
