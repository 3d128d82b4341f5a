package dev.crema.conformance;

import dev.crema.reference.ReferenceDevice;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

import java.util.stream.Stream;

/** The suite against the reference device itself: tests the suite, the invariants, and that a run repeats to the bit. */
class ReferenceConformanceTest {
    @TestFactory
    Stream<DynamicNode> conformance() {
        return ConformanceTests.of(ReferenceDevice::new);
    }
}
