package dev.crema.quant;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.tensor.DType;

/** Numbers to floats and back, for every format that this build can compute with. */
public final class Quant {
    private static final NumberFormat[] FORMATS = new NumberFormat[DType.values().length];
    /** Formats that devices get converted: they are read, and not computed with. */
    private static final NumberFormat[] CONVERTED = new NumberFormat[DType.values().length];

    static {
        register(DType.F32, new F32());
        register(DType.F16, new F16());
        register(DType.BF16, new Bf16());
        register(DType.Q8_0, new Q8_0());
        register(DType.Q4_0, new Q4_0());
        register(DType.Q4_1, new Affine(false, true));
        register(DType.Q5_0, new Affine(true, false));
        register(DType.Q5_1, new Affine(true, true));
        register(DType.Q2_K, new Q2_K());
        register(DType.Q3_K, new Q3_K());
        register(DType.Q4_K, new Q4_K(false));
        register(DType.Q5_K, new Q4_K(true));
        register(DType.Q6_K, new Q6_K());
        register(DType.IQ4_NL, Codebook.IQ4_NL);
        register(DType.IQ4_XS, Codebook.IQ4_XS);
        register(DType.MXFP4, Codebook.MXFP4);
        register(DType.IQ2_LEVELS, new Iq2Levels());
        for (DType dtype : DType.values()) {
            CONVERTED[dtype.ordinal()] = Lattice.of(dtype);
        }
        CONVERTED[DType.Q8_1.ordinal()] = new Q8Sums(false);
        CONVERTED[DType.Q8_K.ordinal()] = new Q8Sums(true);
        CONVERTED[DType.TQ1_0.ordinal()] = new Ternary(true);
        CONVERTED[DType.TQ2_0.ordinal()] = new Ternary(false);
        CONVERTED[DType.NVFP4.ordinal()] = new Nvfp4();
        CONVERTED[DType.Q1_0.ordinal()] = new FewBits(1);
        CONVERTED[DType.Q2_0.ordinal()] = new FewBits(2);
        for (DType plain : new DType[] {DType.F64, DType.F8_E4M3, DType.F8_E5M2, DType.I8, DType.I16, DType.I32, DType.I64}) {
            CONVERTED[plain.ordinal()] = new Plain(plain);
        }
    }

    private Quant() { }

    private static void register(DType dtype, NumberFormat format) {
        FORMATS[dtype.ordinal()] = format;
    }

    /** Whether Crema's devices compute with the format as it is. */
    public static boolean supports(DType dtype) {
        return FORMATS[dtype.ordinal()] != null;
    }

    /** Whether {@link #dequantize} knows the format: checkpoints in it are read, converted if need be. */
    public static boolean reads(DType dtype) {
        return supports(dtype) || CONVERTED[dtype.ordinal()] != null;
    }

    /** Whether {@link #quantize} knows the format. */
    public static boolean canQuantize(DType dtype) {
        return FORMATS[dtype.ordinal()] instanceof NumberFormat.Writable;
    }

    /** The formats of files that Crema computes with, for messages: {@code "F32, F16, ..., MXFP4"}. */
    public static String names() {
        return names(false);
    }

    private static String names(boolean writable) {
        var names = new StringBuilder();
        for (DType type : DType.values()) {
            boolean listed = writable ? canQuantize(type) : supports(type) && type.ggmlId() >= 0;
            names.append(!listed ? "" : names.isEmpty() ? type.name() : ", " + type.name());
        }
        return names.toString();
    }

    /** Reads {@code elements} numbers, a whole number of blocks, from {@code src}; {@code UNSUPPORTED_MODEL} for an unknown format. */
    public static void dequantize(DType dtype, byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        NumberFormat format = CONVERTED[dtype.ordinal()] != null ? CONVERTED[dtype.ordinal()] : format(dtype);
        check(dtype, src.length, srcOffset, dst.length, dstOffset, elements);
        format.dequantize(src, srcOffset, dst, dstOffset, elements);
    }

    /**
     * Writes {@code elements} numbers, a whole number of blocks, to {@code dst}, rounded as ggml's reference code does;
     * {@code UNSUPPORTED_MODEL} for a format that is unknown or only read.
     */
    public static void quantize(DType dtype, float[] src, int srcOffset, byte[] dst, int dstOffset, int elements) {
        if (!(format(dtype) instanceof NumberFormat.Writable format)) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Crema reads " + dtype + " weights, but cannot write them.",
                "Write them in one of these formats: " + names(true) + ".");
        }
        check(dtype, dst.length, dstOffset, src.length, srcOffset, elements);
        format.quantize(src, srcOffset, dst, dstOffset, elements);
    }

    private static NumberFormat format(DType dtype) {
        NumberFormat format = FORMATS[dtype.ordinal()];
        if (format == null) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Crema cannot compute with " + dtype + " weights yet.",
                "Take a file of the model in one of these formats: " + names() + ".");
        }
        return format;
    }

    /** Explicit because an array index out of bounds can't be caught in WebAssembly. */
    private static void check(DType dtype, int byteCount, int byteOffset, int floatCount, int floatOffset, int elements) {
        long bytes = dtype.bytes(elements);
        if (elements < 0 || byteOffset < 0 || byteOffset + bytes > byteCount || floatOffset < 0 || (long) floatOffset + elements > floatCount) {
            throw new IndexOutOfBoundsException(elements + " " + dtype + " elements at byte " + byteOffset + " of " + byteCount + " and float "
                + floatOffset + " of " + floatCount);
        }
    }
}
