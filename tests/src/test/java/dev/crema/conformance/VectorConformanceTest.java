package dev.crema.conformance;

import dev.crema.jvm.vector.VectorDevice;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

import java.util.stream.Stream;

/** The vector device against the reference, on more threads than there are cores, so that pieces of work interleave. */
class VectorConformanceTest {
    @TestFactory
    Stream<DynamicNode> conformance() {
        return ConformanceTests.of(() -> new VectorDevice(Runtime.getRuntime().availableProcessors() + 1, "test"));
    }
}
