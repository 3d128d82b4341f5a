package dev.crema.jvm.convert;

import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

/**
 * Which number format a tensor gets when a model is written in {@code type}. Norms, biases, routers and other small tensors are F32. The embedding and the
 * output head are read once for each token and decide its letters: below 6 bits they get Q6_K or, where rows are no whole super-blocks,
 * Q8_0. Of K-quants, {@code v} and the feed-forward's way back get one step more than the rest, which costs a twentieth of the size and
 * gives back about half of the loss. {@code pure} gives every matrix the type that was asked for.
 */
public record TypeMix(DType type, boolean pure) {
    /** The format of the tensor with this GGUF name; {@code from} is what it has now. */
    public DType of(String name, Shape shape, DType from) {
        if (!isNumber(from)) {
            return from;
        }
        if (shape.rank() < 2 || name.endsWith("_norm.weight") || name.contains("ffn_gate_inp") || name.startsWith("rope_") || name.startsWith("position_embd") || name.contains("ssm_conv")) {
            return DType.F32;
        }
        return fitting(pure || type.blockSize() == 1 ? type : mixed(name), shape.last());
    }

    private static boolean isNumber(DType from) {
        return switch (from) {
            case I8, I16, I32, I64, U8, U16, U32, U64, BOOL -> false;
            default -> true;
        };
    }

    private DType mixed(String name) {
        if (name.equals("token_embd.weight") || name.equals("output.weight")) {
            return bits(type) < 6.5 ? DType.Q6_K : type;
        }
        boolean sensitive = name.contains("attn_v.") || name.contains("ffn_down");
        if (!sensitive) {
            return type;
        }
        return switch (type) {
            case Q2_K -> DType.Q3_K;
            case Q3_K -> DType.Q4_K;
            case Q4_K -> DType.Q5_K;
            case Q5_K -> DType.Q6_K;
            default -> type;
        };
    }

    private static double bits(DType type) {
        return 8.0 * type.blockBytes() / type.blockSize();
    }

    /** The format, or the nearest above it whose blocks fit into rows of {@code row}. */
    private static DType fitting(DType type, int row) {
        if (row % type.blockSize() == 0) {
            return type;
        }
        if (row % 32 != 0) {
            return DType.F16;
        }
        return switch (type) {
            case Q2_K, Q3_K, IQ4_XS -> DType.IQ4_NL;
            case Q4_K -> DType.Q5_0;
            case Q5_K -> DType.Q5_1;
            default -> DType.Q8_0;
        };
    }
}
