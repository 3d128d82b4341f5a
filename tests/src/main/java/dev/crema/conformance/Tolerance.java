package dev.crema.conformance;

import dev.crema.tensor.DType;

/**
 * How far results may be from the reference's. Weights are exact in every format, so only the order of sums and what a device makes of
 * activations differ: with half-precision weights it may round activations to half precision, with block formats to 8 bits a block.
 *
 * @param nmse    sum of squared differences over sum of squares
 * @param largest largest difference over the root mean square of what is expected
 */
public record Tolerance(double nmse, double largest) {
    /** What both allow. */
    public Tolerance and(Tolerance other) {
        return new Tolerance(Math.min(nmse, other.nmse), Math.min(largest, other.largest));
    }

    /** Of a whole model: what rounding activations to 8 bits does adds up over its mat-muls. */
    public static Tolerance ofModel(DType weights) {
        return weights.blockSize() == 1 ? of(weights) : new Tolerance(2e-3, 0.25);
    }

    /** Of any architecture: with more layers more adds up, and a mixture may choose another expert for a hair's breadth. */
    public static Tolerance ofArchitecture(DType weights, boolean mixture) {
        return weights.blockSize() == 1 ? of(weights) : mixture ? new Tolerance(0.2, 2) : new Tolerance(1e-2, 0.5);
    }

    /** Of what is made of several mat-muls, as a product of two or a softmax of scores: each rounds by itself. */
    public static Tolerance ofSeveral(DType weights) {
        return weights.blockSize() == 1 ? of(weights) : new Tolerance(3e-4, 0.12);
    }

    public static Tolerance of(DType weights) {
        return switch (weights) {
            case F32 -> new Tolerance(1e-10, 2e-4);
            case F16, BF16 -> new Tolerance(1e-6, 5e-3);
            default -> new Tolerance(1e-4, 5e-2);
        };
    }
}
