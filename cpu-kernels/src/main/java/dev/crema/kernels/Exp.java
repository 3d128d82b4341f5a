package dev.crema.kernels;

import dev.crema.lanes.F32x4;

/** The exponential function and what is made of it. */
final class Exp {
    /** Adding it leaves the nearest whole number in the low bits of a float. */
    private static final float ROUNDER = 0x1.8p23f;
    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    private Exp() { }

    /** e^x to about 2 units in the last place: 2^n times the polynomial of Cephes' expf; below -87 nearly 0, above 88 nearly the largest float. */
    static F32x4 exp(F32x4 x) {
        F32x4 bounded = x.max(F32x4.splat(-87.33f)).min(F32x4.splat(88.37f));
        F32x4 rounded = bounded.mul(F32x4.splat(LOG2_E)).add(F32x4.splat(ROUNDER));
        F32x4 n = rounded.sub(F32x4.splat(ROUNDER));
        F32x4 r = n.fma(F32x4.splat(-LN2_LOW), n.fma(F32x4.splat(-LN2_HIGH), bounded));
        F32x4 p = r.fma(F32x4.splat(1.9875691500e-4f), F32x4.splat(1.3981999507e-3f));
        p = p.fma(r, F32x4.splat(8.3334519073e-3f));
        p = p.fma(r, F32x4.splat(4.1665795894e-2f));
        p = p.fma(r, F32x4.splat(1.6666665459e-1f));
        p = p.fma(r, F32x4.splat(5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(F32x4.splat(1));
        return p.asI32x4().add(rounded.asI32x4().shl(23)).asF32x4();
    }

    static float exp(float x) {
        return exp(F32x4.splat(x)).extractLane(0);
    }

    /** x * sigmoid(x). */
    static F32x4 silu(F32x4 x) {
        return x.div(exp(x.neg()).add(F32x4.splat(1)));
    }

    /** {@code cap * tanh(x / cap)}; tanh(x) is 1 - 2 / (e^2x + 1). */
    static F32x4 capped(F32x4 x, float cap) {
        F32x4 grown = exp(x.mul(F32x4.splat(2 / cap))).add(F32x4.splat(1));
        return F32x4.splat(cap).sub(F32x4.splat(2 * cap).div(grown));
    }
}
