package dev.crema.conformance;

import dev.crema.jvm.vector.VectorDevice;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

import java.util.stream.Stream;

/** The vector device against the reference, on more threads than there are cores, so that pieces of work interleave. */
class VectorConformanceTest {
    private static final int THREADS = Runtime.getRuntime().availableProcessors() + 1;

    @TestFactory
    Stream<DynamicNode> conformance() {
        return ConformanceTests.of(() -> new VectorDevice(THREADS, "test"));
    }

    /** The loops over weights as the file has them, of formats that the device would repack. */
    @TestFactory
    Stream<DynamicNode> withoutRepacking() {
        String packed = "kernels/matMul/q4_0/*,kernels/matMul/q4_1/*,kernels/matMul/q4_k/*,kernels/matMul/q6_k/*";
        return ConformanceTests.of(packed, () -> new VectorDevice(THREADS, "test", false));
    }
}
