package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.I32x4;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** Choosing tokens. */
public final class Sample {
    /** Below every logit that counts; what is not a number is never above it. */
    private static final float LOWEST = Float.NEGATIVE_INFINITY;

    private Sample() { }

    /** The place of each row's largest element, the first of equals: rows*, channels, x, out (i32 [rows]). */
    @Kernel
    public static void largest(int args, int part, int parts, int scratch) {
        int rows = Args.at(args, 0);
        int n = Args.word(args, 1);
        int to = Part.begin(rows, part + 1, parts);
        for (int row = Part.begin(rows, part, parts); row < to; row++) {
            Memory.storeI32(Args.word(args, 3) + 4 * row, largest(Args.word(args, 2) + 4 * row * n, n));
        }
    }

    private static int largest(int x, int n) {
        F32x4 values = F32x4.splat(LOWEST);
        I32x4 places = I32x4.zero();
        I32x4 here = I32x4.zero().replaceLane(1, 1).replaceLane(2, 2).replaceLane(3, 3);
        int i = 0;
        for (; i <= n - 4; i += 4) {
            F32x4 next = F32x4.load(x + 4 * i);
            I32x4 above = next.gt(values);
            values = F32x4.select(above, next, values);
            places = I32x4.select(above, here, places);
            here = here.add(I32x4.splat(4));
        }
        float best = values.extractLane(0);
        int place = places.extractLane(0);
        place = better(best, place, values.extractLane(1), places.extractLane(1));
        best = Math.max(best, values.extractLane(1));
        place = better(best, place, values.extractLane(2), places.extractLane(2));
        best = Math.max(best, values.extractLane(2));
        place = better(best, place, values.extractLane(3), places.extractLane(3));
        best = Math.max(best, values.extractLane(3));
        for (; i < n; i++) {
            float next = Memory.loadF32(x + 4 * i);
            if (next > best) {
                best = next;
                place = i;
            }
        }
        return place;
    }

    private static int better(float best, int place, float other, int otherPlace) {
        return other > best || other == best && otherPlace < place ? otherPlace : place;
    }
}
