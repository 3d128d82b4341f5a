package dev.crema.tensor;

/**
 * Number formats as they are stored, with the ids of ggml (ggml.h, {@code enum ggml_type}). A block format packs
 * {@link #blockSize} elements into {@link #blockBytes} bytes; a plain one has a block of one. Whether this build can
 * compute with a format is asked of {@code dev.crema.quant.Quant}, not here: a checkpoint may be inspected all the same.
 */
public enum DType {
    F32(0, 1, 4), F16(1, 1, 2), Q4_0(2, 32, 18), Q4_1(3, 32, 20), Q5_0(6, 32, 22), Q5_1(7, 32, 24), Q8_0(8, 32, 34),
    Q8_1(9, 32, 36), Q2_K(10, 256, 84), Q3_K(11, 256, 110), Q4_K(12, 256, 144), Q5_K(13, 256, 176), Q6_K(14, 256, 210),
    Q8_K(15, 256, 292), IQ2_XXS(16, 256, 66), IQ2_XS(17, 256, 74), IQ3_XXS(18, 256, 98), IQ1_S(19, 256, 50),
    IQ4_NL(20, 32, 18), IQ3_S(21, 256, 110), IQ2_S(22, 256, 82), IQ4_XS(23, 256, 136), I8(24, 1, 1), I16(25, 1, 2),
    I32(26, 1, 4), I64(27, 1, 8), F64(28, 1, 8), IQ1_M(29, 256, 56), BF16(30, 1, 2), TQ1_0(34, 256, 54),
    TQ2_0(35, 256, 66), MXFP4(39, 32, 17), NVFP4(40, 64, 36), Q1_0(41, 128, 18), Q2_0(42, 64, 18),
    /** In no file: IQ2_XXS, IQ2_XS and IQ2_S for devices, see {@code dev.crema.quant.Iq2Levels}. */
    IQ2_LEVELS(-1, 256, 108),
    // Only in safetensors; ggml has no id for them.
    U8(-1, 1, 1), U16(-1, 1, 2), U32(-1, 1, 4), U64(-1, 1, 8), BOOL(-1, 1, 1), F8_E4M3(-1, 1, 1), F8_E5M2(-1, 1, 1);

    private final int ggmlId;
    private final int blockSize;
    private final int blockBytes;

    DType(int ggmlId, int blockSize, int blockBytes) {
        this.ggmlId = ggmlId;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /** The id in GGUF files, or -1; of the formats that devices compute with only {@link #IQ2_LEVELS} has none. */
    public int ggmlId() {
        return ggmlId;
    }

    /** Elements in a block. */
    public int blockSize() {
        return blockSize;
    }

    /** Bytes of a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Bytes of {@code elements} elements; the count must be a whole number of blocks. */
    public long bytes(long elements) {
        if (elements % blockSize != 0) {
            throw new IllegalArgumentException(elements + " elements are no whole number of " + this + " blocks of " + blockSize);
        }
        return elements / blockSize * blockBytes;
    }

    /** The format with this ggml id, or null. */
    public static DType ofGgmlId(int id) {
        for (DType type : values()) {
            if (type.ggmlId == id && id >= 0) {
                return type;
            }
        }
        return null;
    }
}
