package dev.crema.conformance;

import dev.crema.device.Device;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The conformance suite as JUnit tests, grouped by op; {@code -Dconformance=kernels/rope/*} picks. */
final class ConformanceTests {
    private ConformanceTests() { }

    /** Every case must pass; what may be skipped stands in tests/skips.txt. */
    static Stream<DynamicNode> of(Supplier<Device> devices) {
        return of(System.getProperty("conformance", "*"), devices);
    }

    /** The same of cases that match {@code patterns}. */
    static Stream<DynamicNode> of(String patterns, Supplier<Device> devices) {
        Map<String, List<Case>> groups = new LinkedHashMap<>();
        for (Case next : Conformance.matching(patterns)) {
            groups.computeIfAbsent(next.name().substring(0, next.name().lastIndexOf('/')), group -> new ArrayList<>()).add(next);
        }
        return groups.entrySet().stream().map(group -> DynamicContainer.dynamicContainer(group.getKey(), tests(group.getValue(), devices)));
    }

    private static Stream<DynamicTest> tests(List<Case> cases, Supplier<Device> devices) {
        return cases.stream().map(next -> DynamicTest.dynamicTest(next.name(), () -> {
            try (Device device = devices.get()) {
                String lacking = next.unsupported(device);
                assumeTrue(lacking == null, lacking);
                next.awaitCheck(device);
            }
        }));
    }
}
