package dev.crema.conformance;

import dev.crema.jvm.vector.VectorDevice;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The vector device with vectors that the processor would not prefer: a JVM for each width, because loops are compiled for one. All mat-muls, and a
 * slice of the rest.
 */
class VectorWidthsTest {
    private static final String CASES = "kernels/matMul/*,kernels/attention/*,kernels/embed/*,kernels/rope/*,graphs/*";

    /** The other side of the test: {@code VectorWidthsTest WIDTH PATTERNS} in a JVM of its own. */
    public static void main(String[] args) {
        try (var device = new VectorDevice(1, "test")) {
            if (!device.info().name().contains(args[0] + "-bit")) {
                System.out.println("the device is " + device.info().name());
                System.exit(1);
            }
        }
        Conformance.Summary summary = Conformance.awaitRun(() -> new VectorDevice(3, "test"), args[1], new Conformance.Reporter() {
            @Override
            public void passed(Case passed, Difference difference) { }

            @Override
            public void skipped(Case skipped, String reason) {
                System.out.println(skipped.name() + " was skipped: " + reason);
            }

            @Override
            public void failed(Case failed, RuntimeException error) {
                System.out.println(failed.name() + ": " + error);
            }
        });
        System.out.println(summary.passed() + " passed");
        System.exit(summary.failed() == 0 && summary.skipped() == 0 ? 0 : 1);
    }

    @Test
    void with128Bits() throws Exception {
        run("128", "-XX:MaxVectorSize=16");
    }

    /** As on a processor that has no more, with half the registers; the suite itself runs at what is preferred. */
    @Test
    void with256Bits() throws Exception {
        run("256", "-XX:UseAVX=2");
    }

    private static void run(String width, String option) throws IOException, InterruptedException {
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), option, "--add-modules",
            "jdk.incubator.vector", "-cp", classes, VectorWidthsTest.class.getName(), width, CASES);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        int expected = Conformance.matching(CASES).size();
        assertTrue(output.contains(expected + " passed"), output);
    }
}
