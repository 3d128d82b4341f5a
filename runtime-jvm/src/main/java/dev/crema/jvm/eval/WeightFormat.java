package dev.crema.jvm.eval;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.quant.BlockRounding;
import dev.crema.quant.Quant;
import dev.crema.quant.Quantizer;
import dev.crema.quant.Rounding;
import dev.crema.tensor.DType;

import java.util.Arrays;

/**
 * A number format in a study: one that devices compute with, or one of the literature whose rounding is applied to F32 weights, so that its quality is
 * measured, and its size known, but not its speed. Those are bitsandbytes' {@code nf4}, {@code fp4} (blocks of 64) and {@code int8} (rows), and
 * uniform ones of N bits in groups of 64: {@code minmaxN} from the extremes, {@code neuqiN} by NeUQI.
 *
 * @param stored  what the device gets
 * @param rounder of elements in place, or null
 * @param bits    a weight
 */
public record WeightFormat(String name, DType stored, BlockRounding rounder, double bits) {
    /** Elements of a group of the uniform formats. */
    private static final int GROUP = 64;

    /** {@code INVALID_REQUEST} for a name that is none. */
    public static WeightFormat named(String name) {
        String lower = name.toLowerCase();
        for (DType type : DType.values()) {
            if (type.name().equalsIgnoreCase(name) && Quantizer.supports(type)) {
                return new WeightFormat(type.name(), type, null, 8.0 * type.blockBytes() / type.blockSize());
            }
        }
        if (lower.equals("nf4") || lower.equals("fp4")) {
            return new WeightFormat(lower, DType.F32, lower.equals("nf4") ? BlockRounding.nf4(GROUP) : BlockRounding.fp4(GROUP), 4 + 32.0 / GROUP);
        }
        if (lower.equals("int8")) {
            return new WeightFormat(lower, DType.F32, BlockRounding.int8(), 8);
        }
        if (lower.matches("(minmax|neuqi)[2-8]")) {
            int bits = lower.charAt(lower.length() - 1) - '0';
            Rounding rounding = lower.startsWith("neuqi") ? Rounding.NEUQI : Rounding.PLAIN;
            return new WeightFormat(lower, DType.F32, BlockRounding.uniform(bits, GROUP, rounding), bits + 32.0 / GROUP);
        }
        throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "types", "There is no format " + name + " for a sweep.",
            "Take some of " + Quantizer.names() + ", nf4, fp4, int8, minmax2 ... minmax8, neuqi2 ... neuqi8.");
    }

    /** Rows of {@code columns} elements, from F32 values, as the device gets them; {@code importance} is of the columns, for each expert of a stack or for all rows, or null. */
    byte[] encode(float[] values, int columns, float[] importance) {
        int experts = importance == null ? 1 : importance.length / columns;
        if (importance != null && (experts == 0 || importance.length % columns != 0 || values.length % (experts * columns) != 0)) {
            return encode(values, columns, null);
        }
        int each = values.length / experts;
        if (rounder != null) {
            for (int expert = 0; expert < experts; expert++) {
                float[] part = Arrays.copyOfRange(values, expert * each, (expert + 1) * each);
                rounder.round(part, columns, importance == null ? null : Arrays.copyOfRange(importance, expert * columns, (expert + 1) * columns));
                System.arraycopy(part, 0, values, expert * each, each);
            }
        }
        byte[] bytes = new byte[(int) stored.bytes(values.length)];
        if (Quant.canQuantize(stored) && stored.blockSize() == 1) {
            Quant.quantize(stored, values, 0, bytes, 0, values.length);
        } else {
            float[] repeated = importance == null ? null : new float[values.length];
            for (int i = 0; repeated != null && i < repeated.length; i++) {
                repeated[i] = importance[i / each * columns + i % columns];
            }
            Quantizer.of(stored, Rounding.SEARCH).quantize(values, repeated, 0, bytes, 0, values.length);
        }
        return bytes;
    }
}
