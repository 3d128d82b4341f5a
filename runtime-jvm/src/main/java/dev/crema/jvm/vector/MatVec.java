package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;
import static dev.crema.jvm.vector.Lanes.ORDER;

/** Products with few rows: each row of weights is read once, decoded in short pieces, and multiplied with every row of x. */
final class MatVec {
    /** Elements decoded at once: with as many of x they fill half of the first cache. */
    static final int PIECE = 1024;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);

    private MatVec() { }

    /** {@code out[r][f] = x[r]·weight[f] + bias[f]} for features {@code from .. to-1}; bias may be null, scratch has {@link #PIECE} elements. */
    static void multiply(float[] x, int rows, Matrix weight, float[] bias, float[] out, int from, int to, float[] scratch) {
        int columns = weight.columns();
        int features = weight.rows();
        for (int feature = from; feature < to; feature++) {
            float offset = bias == null ? 0 : bias[feature];
            if (weight.format() == DType.F32) {
                for (int row = 0; row < rows; row++) {
                    out[row * features + feature] = offset + dot(weight.bytes(), feature * weight.rowBytes(), x, row * columns, columns);
                }
            } else {
                for (int row = 0; row < rows; row++) {
                    out[row * features + feature] = offset;
                }
                for (int column = 0; column < columns; column += PIECE) {
                    int count = Math.min(PIECE, columns - column);
                    weight.decode(feature, column, count, scratch, 0);
                    for (int row = 0; row < rows; row++) {
                        out[row * features + feature] += Lanes.dot(scratch, 0, x, row * columns + column, count);
                    }
                }
            }
        }
    }

    private static float dot(MemorySegment weight, long offset, float[] x, int from, int n) {
        FloatVector sum0 = FloatVector.zero(F);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int i = 0;
        for (; i <= n - 4 * COUNT; i += 4 * COUNT) {
            long at = offset + 4L * i;
            sum0 = FloatVector.fromMemorySegment(F, weight, at, ORDER).fma(FloatVector.fromArray(F, x, from + i), sum0);
            sum1 = FloatVector.fromMemorySegment(F, weight, at + 4 * COUNT, ORDER).fma(FloatVector.fromArray(F, x, from + i + COUNT), sum1);
            sum2 = FloatVector.fromMemorySegment(F, weight, at + 8 * COUNT, ORDER).fma(FloatVector.fromArray(F, x, from + i + 2 * COUNT), sum2);
            sum3 = FloatVector.fromMemorySegment(F, weight, at + 12 * COUNT, ORDER).fma(FloatVector.fromArray(F, x, from + i + 3 * COUNT), sum3);
        }
        for (; i <= n - COUNT; i += COUNT) {
            sum0 = FloatVector.fromMemorySegment(F, weight, offset + 4L * i, ORDER).fma(FloatVector.fromArray(F, x, from + i), sum0);
        }
        float sum = sum0.add(sum1).add(sum2.add(sum3)).reduceLanes(VectorOperators.ADD);
        for (; i < n; i++) {
            sum += weight.get(FLOAT, offset + 4L * i) * x[from + i];
        }
        return sum;
    }
}
