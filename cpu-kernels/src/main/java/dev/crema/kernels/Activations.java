package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** The functions of dev.crema.graph.Activation, by their ordinals there. */
public final class Activations {
    private static final int SILU = 0;
    private static final int GELU = 1;
    private static final int GELU_TANH = 2;
    private static final int QUICK_GELU = 3;
    private static final int RELU = 4;
    private static final int RELU2 = 5;
    private static final int TANH = 6;
    private static final int IDENTITY = 7;
    private static final int LIMITED_QUICK_GELU = 8;
    /** gpt-oss's swiglu_limit. */
    private static final float LIMIT = 7;

    private Activations() { }

    /** {@code out = activation(gate) * up}: rows*, channels, gate, up, out, activation. */
    @Kernel
    public static void gated(int args, int part, int parts, int scratch) {
        int n = Args.at(args, 0) * Args.word(args, 1);
        int gate = Args.word(args, 2);
        int up = Args.word(args, 3);
        int out = Args.word(args, 4);
        int kind = Args.word(args, 5);
        int i = Pointwise.begin(n, part, parts);
        int to = Pointwise.begin(n, part + 1, parts);
        for (; i <= to - 4; i += 4) {
            of(kind, F32x4.load(gate + 4 * i)).mul(F32x4.load(up + 4 * i)).store(out + 4 * i);
        }
        for (; i < to; i++) {
            Memory.storeF32(out + 4 * i, of(kind, F32x4.splat(Memory.loadF32(gate + 4 * i))).extractLane(0) * Memory.loadF32(up + 4 * i));
        }
    }

    /** {@code out = outer * activation(inner * x)}: rows*, channels, x, out, activation, inner, outer. */
    @Kernel
    public static void rows(int args, int part, int parts, int scratch) {
        int n = Args.at(args, 0) * Args.word(args, 1);
        int x = Args.word(args, 2);
        int out = Args.word(args, 3);
        int kind = Args.word(args, 4);
        F32x4 inner = F32x4.splat(Args.number(args, 5));
        F32x4 outer = F32x4.splat(Args.number(args, 6));
        int i = Pointwise.begin(n, part, parts);
        int to = Pointwise.begin(n, part + 1, parts);
        for (; i <= to - 4; i += 4) {
            of(kind, F32x4.load(x + 4 * i).mul(inner)).mul(outer).store(out + 4 * i);
        }
        for (; i < to; i++) {
            Memory.storeF32(out + 4 * i, of(kind, F32x4.splat(Memory.loadF32(x + 4 * i)).mul(inner)).mul(outer).extractLane(0));
        }
    }

    private static F32x4 of(int kind, F32x4 x) {
        F32x4 zero = F32x4.zero();
        F32x4 limit = F32x4.splat(LIMIT);
        if (kind == SILU) {
            return Exp.silu(x);
        }
        if (kind == GELU) {
            return gelu(x);
        }
        if (kind == GELU_TANH) {
            F32x4 u = x.mul(x).mul(F32x4.splat(0.044715f)).add(F32x4.splat(1)).mul(x).mul(F32x4.splat(-1.5957691f));
            return x.div(Exp.exp(u).add(F32x4.splat(1)));
        }
        if (kind == QUICK_GELU) {
            return quickGelu(x);
        }
        if (kind == RELU) {
            return x.max(zero);
        }
        if (kind == RELU2) {
            return x.max(zero).mul(x.max(zero));
        }
        if (kind == TANH) {
            return Exp.capped(x, 1);
        }
        if (kind == IDENTITY) {
            return x;
        }
        return kind == LIMITED_QUICK_GELU ? quickGelu(x.min(limit)) : x.max(limit.neg()).min(limit).add(F32x4.splat(1));
    }

    private static F32x4 quickGelu(F32x4 x) {
        return x.div(Exp.exp(x.mul(F32x4.splat(-1.702f))).add(F32x4.splat(1)));
    }

    /** With the error function of Abramowitz and Stegun, 7.1.26: x less its tail above 0, the tail's negative below. */
    private static F32x4 gelu(F32x4 x) {
        F32x4 size = x.max(x.neg());
        F32x4 z = size.mul(F32x4.splat(0.70710678f));
        F32x4 t = F32x4.splat(1).div(z.mul(F32x4.splat(0.3275911f)).add(F32x4.splat(1)));
        F32x4 p = t.mul(F32x4.splat(1.061405429f)).add(F32x4.splat(-1.453152027f)).mul(t).add(F32x4.splat(1.421413741f)).mul(t)
            .add(F32x4.splat(-0.284496736f)).mul(t).add(F32x4.splat(0.254829592f)).mul(t);
        F32x4 tail = p.mul(Exp.exp(z.mul(z).neg())).mul(F32x4.splat(0.5f)).mul(size);
        return x.max(F32x4.zero()).sub(tail);
    }
}
