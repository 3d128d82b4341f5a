package dev.crema.quant;

/** How numbers lie in bytes, little-endian. Ranges and whole blocks are checked by {@link Quant}. */
interface NumberFormat {
    void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements);

    /** A format that Crema can write, too. */
    interface Writable extends NumberFormat {
        void quantize(float[] src, int srcOffset, byte[] dst, int dstOffset, int elements);
    }

    /** The unsigned 16 bits at {@code offset}. */
    static int short16(byte[] bytes, int offset) {
        return bytes[offset] & 0xff | (bytes[offset + 1] & 0xff) << 8;
    }

    static void putShort16(byte[] bytes, int offset, int value) {
        bytes[offset] = (byte) value;
        bytes[offset + 1] = (byte) (value >> 8);
    }
}
