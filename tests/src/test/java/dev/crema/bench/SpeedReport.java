package dev.crema.bench;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.Progress;
import dev.crema.conformance.Conformance;
import dev.crema.device.Bytes;
import dev.crema.device.Device;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.graph.Graph;
import dev.crema.graph.Weight;
import dev.crema.jvm.Devices;
import dev.crema.jvm.files.ModelSource;
import dev.crema.jvm.files.OpenModelFiles;
import dev.crema.tensor.DType;

import java.util.Locale;

/**
 * Prints how fast devices are, side by side:
 * <pre>
 * cases PATTERN [DEVICE...]     GB/s and GFLOP/s of conformance cases
 * tokens FORMAT [DEVICE...]     tokens a second of a Llama of 135 M parameters made of noise
 * tokens MODEL [DEVICE...]      tokens a second of a model, a path or URL
 * </pre>
 */
public final class SpeedReport {
    private SpeedReport() { }

    public static void main(String[] args) {
        if (args.length < 2) {
            System.err.println("usage: SpeedReport cases PATTERN [DEVICE...] | tokens FORMAT|MODEL [DEVICE...]");
            System.exit(2);
        }
        for (int i = 2; i < Math.max(3, args.length); i++) {
            try (Device device = Devices.open(i < args.length ? args[i] : null)) {
                System.out.println(device.info().kind() + ": " + device.info().name());
                if (args[0].equals("cases")) {
                    System.out.print(Conformance.awaitBench(device, args[1], Clock.SYSTEM, 300));
                } else {
                    tokens(device, args[1]);
                }
            }
        }
    }

    private static void tokens(Device device, String what) {
        for (DType format : DType.values()) {
            if (format.name().equalsIgnoreCase(what)) {
                SyntheticLlama llama = SyntheticLlama.smolLm(format);
                print(what, device, llama.graph(), llama.awaitUpload(device, llama.graph()));
                return;
            }
        }
        try (OpenModelFiles files = ModelSource.open(what, Progress.NONE, new Cancellation())) {
            Model model = ModelLoader.awaitOpen(files, null, 0);
            long bytes = 0;
            for (Weight weight : model.weights().used().values()) {
                Bytes contents = model.weights().bytes(weight);
                device.upload(weight, contents);
                bytes += contents.length();
            }
            device.awaitUploads(Progress.NONE, new Cancellation());
            print(model.id(), device, model.graph(), bytes);
        }
    }

    private static void print(String name, Device device, Graph graph, long bytes) {
        boolean isSlow = bytes > 50e6 && device.info().kind().equals("reference");
        TokenSpeed speed = TokenSpeed.awaitMeasure(device, graph, isSlow ? 32 : 256, isSlow ? 6 : 64, isSlow ? 2 : 8);
        System.out.println(name + ": " + speed + String.format(Locale.ROOT, ", %.1f GB/s", bytes * speed.decode() * 1e-9));
    }
}
