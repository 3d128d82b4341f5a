package dev.crema.bench;

import dev.crema.Clock;
import dev.crema.conformance.Conformance;
import dev.crema.device.Device;
import dev.crema.graph.Graph;
import dev.crema.jvm.Devices;
import dev.crema.tensor.DType;

import java.util.Locale;

/**
 * Prints how fast devices are, side by side:
 * <pre>
 * cases PATTERN [DEVICE...]     GB/s and GFLOP/s of conformance cases
 * tokens FORMAT [DEVICE...]     tokens a second of a Llama of 135 M parameters
 * </pre>
 */
public final class SpeedReport {
    private SpeedReport() { }

    public static void main(String[] args) {
        if (args.length < 2) {
            System.err.println("usage: SpeedReport cases PATTERN [DEVICE...] | tokens FORMAT [DEVICE...]");
            System.exit(2);
        }
        for (int i = 2; i < Math.max(3, args.length); i++) {
            try (Device device = Devices.open(i < args.length ? args[i] : null)) {
                System.out.println(device.info().kind() + ": " + device.info().name());
                if (args[0].equals("cases")) {
                    System.out.print(Conformance.awaitBench(device, args[1], Clock.SYSTEM, 300));
                } else {
                    tokens(device, DType.valueOf(args[1].toUpperCase(Locale.ROOT)));
                }
            }
        }
    }

    private static void tokens(Device device, DType format) {
        SyntheticLlama llama = SyntheticLlama.smolLm(format);
        Graph graph = llama.graph();
        long bytes = llama.awaitUpload(device, graph);
        boolean isSlow = device.info().kind().equals("reference");
        TokenSpeed speed = TokenSpeed.awaitMeasure(device, graph, isSlow ? 32 : 256, isSlow ? 6 : 32, isSlow ? 2 : 5);
        System.out.println(format + " " + speed + String.format(Locale.ROOT, ", %.1f GB/s", bytes * speed.decode() * 1e-9));
    }
}
