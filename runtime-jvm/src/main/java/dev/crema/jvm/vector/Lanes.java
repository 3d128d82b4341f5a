package dev.crema.jvm.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

import java.nio.ByteOrder;

/**
 * The shapes of vectors: as wide as the processor prefers, or as the system property {@code crema.vector.bits} says where that is less (128, 256 or 512).
 * Decoders of single rows and attention of single queries have 256 bits at most.
 */
final class Lanes {
    static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    /** 128, 256 or 512. */
    static final int BITS = Math.clamp(Integer.highestOneBit(Math.min(Integer.getInteger("crema.vector.bits", 512),
        FloatVector.SPECIES_PREFERRED.vectorBitSize())), 128, 512);
    /** Rows of a tile, two vectors of sums each, that stay in registers with all that they are made of: x86 has 32 only where it has 512 bits, else 16. */
    static final int TILE_ROWS = System.getProperty("os.arch").matches("amd64|x86.*") && FloatVector.SPECIES_PREFERRED.vectorBitSize() < 512 ? 4 : 6;
    static final VectorSpecies<Float> F = BITS > 128 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;
    static final VectorSpecies<Integer> I = F.length() == 8 ? IntVector.SPECIES_256 : IntVector.SPECIES_128;
    /** As many shorts as there are floats in a vector. */
    static final VectorSpecies<Short> S = F.length() == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;
    /** Eight bytes: the floats of one vector, or of two where vectors are short. */
    static final VectorSpecies<Byte> B = ByteVector.SPECIES_64;
    static final int COUNT = F.length();
    /** The widest vectors, for the loops over {@link Packed} weights and over panels. */
    static final VectorSpecies<Byte> WIDE_B = BITS == 512 ? ByteVector.SPECIES_512 : BITS == 256 ? ByteVector.SPECIES_256
        : ByteVector.SPECIES_128;
    static final VectorSpecies<Short> WIDE_S = VectorSpecies.of(short.class, WIDE_B.vectorShape());
    static final VectorSpecies<Integer> WIDE_I = VectorSpecies.of(int.class, WIDE_B.vectorShape());
    static final VectorSpecies<Float> WIDE_F = VectorSpecies.of(float.class, WIDE_B.vectorShape());
    /** As many shorts as there are floats in one of them. */
    static final VectorSpecies<Short> HALF_S = VectorSpecies.of(short.class, VectorShape.forBitSize(BITS / 2));
    /** Each lane takes the one 4, 2 or 1 places away. */
    private static final VectorShuffle<Float> BY_4 = VectorShuffle.fromOp(F, i -> i ^ 4 & COUNT - 1);
    private static final VectorShuffle<Float> BY_2 = VectorShuffle.fromOp(F, i -> i ^ 2);
    private static final VectorShuffle<Float> BY_1 = VectorShuffle.fromOp(F, i -> i ^ 1);

    private Lanes() { }

    static String name() {
        return BITS + "-bit vectors";
    }

    /**
     * The sum of all lanes, always in the same order. {@code reduceLanes} leaves the order open, and the interpreter takes another than compiled
     * code: a token could depend on when C2 was done.
     */
    static float sum(FloatVector v) {
        FloatVector halves = COUNT == 8 ? v.add(v.rearrange(BY_4)) : v;
        FloatVector quarters = halves.add(halves.rearrange(BY_2));
        return quarters.add(quarters.rearrange(BY_1)).lane(0);
    }

    /** Sum of products of two arrays: four partial vectors, then one, then single elements. */
    static float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
        FloatVector sum0 = FloatVector.zero(F);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int i = 0;
        for (; i <= n - 4 * COUNT; i += 4 * COUNT) {
            sum0 = FloatVector.fromArray(F, a, aFrom + i).fma(FloatVector.fromArray(F, b, bFrom + i), sum0);
            sum1 = FloatVector.fromArray(F, a, aFrom + i + COUNT).fma(FloatVector.fromArray(F, b, bFrom + i + COUNT), sum1);
            sum2 = FloatVector.fromArray(F, a, aFrom + i + 2 * COUNT).fma(FloatVector.fromArray(F, b, bFrom + i + 2 * COUNT), sum2);
            sum3 = FloatVector.fromArray(F, a, aFrom + i + 3 * COUNT).fma(FloatVector.fromArray(F, b, bFrom + i + 3 * COUNT), sum3);
        }
        for (; i <= n - COUNT; i += COUNT) {
            sum0 = FloatVector.fromArray(F, a, aFrom + i).fma(FloatVector.fromArray(F, b, bFrom + i), sum0);
        }
        float sum = sum(sum0.add(sum1).add(sum2.add(sum3)));
        for (; i < n; i++) {
            sum += a[aFrom + i] * b[bFrom + i];
        }
        return sum;
    }
}
