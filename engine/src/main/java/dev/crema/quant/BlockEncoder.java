package dev.crema.quant;

/** Writes blocks of one format; keeps memory of its own between blocks, so it is for one thread. */
interface BlockEncoder {
    /**
     * Writes the block that begins at {@code x[from]} to {@code dst[to]}.
     *
     * @param w how much an error of each element matters, at the same places as {@code x}; none is negative
     */
    void encode(float[] x, float[] w, int from, byte[] dst, int to);

    /** Packs a super-block: {@code quants} are indexes of levels from 0, {@code scales} and {@code mins} whole numbers from 0, one a group. */
    interface Packer {
        void pack(byte[] quants, int[] scales, int[] mins, float d, float dmin, byte[] dst, int to);
    }
}
