package dev.crema.conformance;

import dev.crema.Clock;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;

import java.util.List;

/**
 * One op (or a small graph) with shapes, formats and data. The four uses: {@link #awaitCheck} compares with the reference device,
 * {@link #awaitBench} measures, {@link #unsupported} asks, {@link #name} lists.
 *
 * @param format the number format of the weights
 * @param kvType the number format of the KV cache
 * @param flops  floating-point operations of one run of the script
 * @param bytes  bytes that it has to read and write at least: weights, operands, results, KV
 */
public record OpCase(String name, DType format, DType kvType, Tolerance tolerance, double flops, double bytes, SetupMaker maker) implements Case {
    /** Builds the graph when the case runs: a list of all cases costs nothing. */
    interface SetupMaker {
        Setup make(String name, long seed);
    }

    /** Time of one run of the script. */
    public record Speed(double seconds, int runs, double gigabytesPerSecond, double gigaflopsPerSecond) { }

    @Override
    public String unsupported(Device device) {
        return !device.supports(format) ? "no " + format + " weights" : !device.supportsKv(kvType) ? "no KV cache in " + kvType : null;
    }

    @Override
    public Difference awaitCheck(Device device) {
        Setup setup = setup();
        List<Run.Result> expected;
        try (var reference = new ReferenceDevice()) {
            expected = awaitResults(setup, reference);
        }
        List<Run.Result> found = awaitResults(setup, device);
        Tolerance tolerance = toleranceOf(device);
        Difference worst = Difference.NONE;
        for (int step = 0; step < expected.size(); step++) {
            worst = worst.orWorse(compare(setup.graph(), expected.get(step), found.get(step), tolerance, "step " + step + ", seed " + setup.seed()));
        }
        return worst;
    }

    /** Devices on the processor round activations at each mat-mul; WebGPU's only at those that the tolerance of one mat-mul is for. */
    private Tolerance toleranceOf(Device device) {
        return device.info().kind().equals("webgpu") ? tolerance.and(Tolerance.of(kvType == DType.F32 ? format : kvType)) : tolerance;
    }

    private Setup setup() {
        return maker.make(name, Noise.seedOf(name));
    }

    private static List<Run.Result> awaitResults(Setup setup, Device device) {
        try (Executable executable = setup.awaitCompile(device)) {
            var run = new Run(setup, executable, true);
            setup.script().awaitRun(run);
            run.close();
            int free = executable.kvPool().freePages();
            Mismatch.require(free == executable.kvPool().pages(), "pages leak: " + free + " of " + executable.kvPool().pages() + " are free");
            return run.results;
        }
    }

    private static Difference compare(Graph graph, Run.Result expected, Run.Result found, Tolerance tolerance, String where) {
        Difference worst = Difference.NONE;
        for (int i = 0; i < graph.outputs().size(); i++) {
            Value value = graph.outputs().get(i);
            int length = expected.values()[i].length;
            Tolerance allowed = value.equals(graph.tokens()) ? new Tolerance(0, 0) : tolerance;
            Mismatch.require(found.values()[i].length == length, where + ": " + value.name() + " has " + found.values()[i].length
                + " elements, expected " + length);
            Mismatch.require(found.buffers()[i].length == expected.buffers()[i].length, where + ": the buffer of " + value.name() + " has "
                + found.buffers()[i].length + " elements, expected " + expected.buffers()[i].length);
            worst = worst.orWorse(Difference.check(value, expected.values()[i], found.values()[i], length, allowed, where));
            Difference.check(value, expected.values()[i], found.buffers()[i], length, allowed, where + ", buffer");
            guard(value, found.buffers()[i], length, where);
        }
        if (graph.logits() != null) {
            Mismatch.require(expected.logits().length == found.logits().length, where + ": " + found.logits().length + " logits, expected "
                + expected.logits().length);
            Difference.check(graph.logits(), expected.logits(), found.logits(), expected.logits().length, tolerance, where + ", awaitLogits");
        }
        for (int i = 0; expected.sampled() != null && i < expected.outputs(); i++) {
            Mismatch.require(expected.sampled()[i] == found.sampled()[i], where + ": token " + i + " is " + found.sampled()[i] + ", expected "
                + expected.sampled()[i]);
        }
        return worst;
    }

    private static void guard(Value value, float[] buffer, int length, String where) {
        for (int i = length; i < buffer.length; i++) {
            Mismatch.require(buffer[i] == Run.POISON, where + ": " + value.name() + " was written beyond the batch: element " + i + " of "
                + length + " is " + buffer[i]);
        }
    }

    /** Runs the script over and over for about {@code millis}, after a warm-up of a third of that. */
    public Speed awaitBench(Device device, Clock clock, int millis) {
        Setup setup = setup();
        try (Executable executable = setup.awaitCompile(device)) {
            var run = new Run(setup, executable, false);
            awaitRuns(setup, run, clock, millis * 333_333L);
            long start = clock.nanos();
            int runs = awaitRuns(setup, run, clock, millis * 1_000_000L);
            double seconds = (clock.nanos() - start) * 1e-9 / runs;
            run.close();
            return new Speed(seconds, runs, bytes / seconds * 1e-9, flops / seconds * 1e-9);
        }
    }

    /** Awaits every tenth run only, so that a queue stays full. */
    private static int awaitRuns(Setup setup, Run run, Clock clock, long nanos) {
        long end = clock.nanos() + nanos;
        int runs = 0;
        do {
            for (int i = 0; i < 10; i++) {
                run.rewind();
                setup.script().awaitRun(run);
                runs++;
            }
            run.awaitLast();
        } while (clock.nanos() < end);
        return runs;
    }
}
