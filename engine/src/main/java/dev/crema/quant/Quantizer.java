package dev.crema.quant;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.tensor.DType;

import java.util.Arrays;

/**
 * Writes numbers in any format that Crema can write, with a choice of how good and how slow. It keeps memory between calls: one for each thread.
 * {@link Quant#quantize} is the plain way of the few formats that devices write themselves.
 */
public final class Quantizer {
    private final DType dtype;
    private final BlockEncoder encoder;
    private float[] ones = new float[0];

    private Quantizer(DType dtype, BlockEncoder encoder) {
        this.dtype = dtype;
        this.encoder = encoder;
    }

    /** Whether {@link #of} knows the format. */
    public static boolean supports(DType dtype) {
        return Quant.canQuantize(dtype) || encoder(dtype, Rounding.PLAIN) != null;
    }

    /** The formats that can be written, for messages. */
    public static String names() {
        var names = new StringBuilder();
        for (DType type : DType.values()) {
            names.append(!supports(type) ? "" : names.isEmpty() ? type.name() : ", " + type.name());
        }
        return names.toString();
    }

    /** {@code INVALID_REQUEST} for a format that can't be written. */
    public static Quantizer of(DType dtype, Rounding rounding) {
        if (!supports(dtype)) {
            throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "type", "Crema cannot write " + dtype + ".", "Choose one of " + names() + ".");
        }
        boolean plain = Quant.canQuantize(dtype) && (rounding == Rounding.PLAIN || dtype.blockSize() == 1);
        return new Quantizer(dtype, plain ? null : encoder(dtype, rounding));
    }

    private static BlockEncoder encoder(DType dtype, Rounding rounding) {
        return switch (dtype) {
            case Q4_0 -> SmallEncoder.scaled(Levels.whole(-8, 7), rounding, (q, d, m, dst, to) -> Affine.pack(q, d, 0, false, false, dst, to));
            case Q4_1 -> SmallEncoder.affine(15, rounding, (q, d, m, dst, to) -> Affine.pack(q, d, m, false, true, dst, to));
            case Q5_0 -> SmallEncoder.scaled(Levels.whole(-16, 15), rounding, (q, d, m, dst, to) -> Affine.pack(q, d, 0, true, false, dst, to));
            case Q5_1 -> SmallEncoder.affine(31, rounding, (q, d, m, dst, to) -> Affine.pack(q, d, m, true, true, dst, to));
            case Q8_0 -> SmallEncoder.scaled(Levels.whole(-127, 127), rounding, (q, d, m, dst, to) -> Q8_0.pack(q, d, dst, to));
            case Q2_K -> new SuperAffineEncoder(3, 16, 15, rounding, Q2_K::pack);
            case Q3_K -> new SuperScaleEncoder(Levels.whole(-4, 3), 16, -32, 31, rounding, Q3_K::pack);
            case Q4_K -> new SuperAffineEncoder(15, 32, 63, rounding, (q, s, m, d, dmin, dst, to) -> Q4_K.pack(q, s, m, d, dmin, false, dst, to));
            case Q5_K -> new SuperAffineEncoder(31, 32, 63, rounding, (q, s, m, d, dmin, dst, to) -> Q4_K.pack(q, s, m, d, dmin, true, dst, to));
            case Q6_K -> new SuperScaleEncoder(Levels.whole(-32, 31), 16, -128, 127, rounding, Q6_K::pack);
            case IQ4_NL -> SmallEncoder.scaled(Codebook.nonLinear(), rounding, (q, d, m, dst, to) -> Codebook.pack(q, d, 2, dst, to));
            case IQ4_XS -> new SuperScaleEncoder(Codebook.nonLinear(), 32, -32, 31, rounding, Codebook::packSuper);
            case MXFP4 -> SmallEncoder.powerOfTwo(Codebook.e2m1(), rounding, (q, e, m, dst, to) -> Codebook.pack(Codebook.codes(q), e, 1, dst, to));
            default -> null;
        };
    }

    /**
     * Writes {@code elements} numbers, a whole number of blocks, from {@code src} to {@code dst}.
     *
     * @param importance how much an error of each element matters, at the same places as {@code src}, none negative; null where all are alike
     */
    public void quantize(float[] src, float[] importance, int srcOffset, byte[] dst, int dstOffset, int elements) {
        if (encoder == null) {
            Quant.quantize(dtype, src, srcOffset, dst, dstOffset, elements);
            return;
        }
        long bytes = dtype.bytes(elements);
        if (elements < 0 || srcOffset < 0 || (long) srcOffset + elements > src.length || dstOffset < 0 || dstOffset + bytes > dst.length
                || importance != null && (long) srcOffset + elements > importance.length) {
            throw new IndexOutOfBoundsException(elements + " " + dtype + " elements at float " + srcOffset + " of " + src.length + " and byte " + dstOffset
                + " of " + dst.length);
        }
        float[] weights = importance == null ? ones(srcOffset + elements) : importance;
        for (int block = 0; block < elements / dtype.blockSize(); block++) {
            encoder.encode(src, weights, srcOffset + block * dtype.blockSize(), dst, dstOffset + block * dtype.blockBytes());
        }
    }

    private float[] ones(int length) {
        if (ones.length < length) {
            ones = new float[length];
            Arrays.fill(ones, 1);
        }
        return ones;
    }
}
