package dev.crema.conformance.web;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Batch;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.reference.ReferenceDevice;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.web.device.WebGpuDevice;
import dev.crema.web.device.WebGpuOptions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What only the WebGPU device can get wrong: streaming uploads, lost devices, memory, and the cost of a step. */
final class WebGpuCases {
    private static final Limits LIMITS = new Limits(8, 8, 2, 64, 8);
    static final int VOCAB = 40;
    private static final Weight TABLE = new Weight("table", DType.Q8_0, Shape.of(VOCAB, 64));
    private static final Weight HEAD = new Weight("head", DType.F16, Shape.of(VOCAB, 64));
    private static final Weight NORM = new Weight("norm", DType.BF16, Shape.of(64));
    private static final SampleSpec GREEDY = new SampleSpec(SamplingParams.GREEDY, 1);

    /** One case; a fault is an exception. */
    interface Body {
        void awaitRun();
    }

    private WebGpuCases() { }

    static Map<String, Body> all() {
        var cases = new LinkedHashMap<String, Body>();
        cases.put("webgpu/upload/everyFormatInOddChunks", WebGpuCases::awaitOddChunks);
        cases.put("webgpu/upload/cancelledLeavesNothing", () -> awaitBrokenUpload(file -> file.cancelAt(3000), ErrorCode.CANCELLED));
        cases.put("webgpu/upload/brokenLeavesNothing", () -> awaitBrokenUpload(file -> file.breakAt(5000), ErrorCode.DOWNLOAD_FAILED));
        cases.put("webgpu/memory/closedFreesAll", WebGpuCases::awaitCloseFreesAll);
        cases.put("webgpu/memory/outOfMemorySaysHowMuch", WebGpuCases::awaitOutOfMemory);
        cases.put("webgpu/memory/tooLargeBufferIsRefused", WebGpuCases::awaitTooLarge);
        cases.put("webgpu/fault/lostDevice", WebGpuCases::awaitLost);
        cases.put("webgpu/fault/uncaughtErrorSurfacesOnce", WebGpuCases::awaitUncaught);
        cases.put("webgpu/fault/noAdapter", WebGpuCases::awaitNoAdapter);
        StepCases.addTo(cases);
        TuneCases.addTo(cases);
        SelfTestCases.addTo(cases);
        return cases;
    }

    static WebGpuDevice awaitDevice() {
        return WebGpuDevice.awaitOpen(WebGpuOptions.because("asked for"));
    }

    private static Graph graph() {
        var g = new GraphBuilder("small");
        Value normed = g.rmsNorm("normed", g.embed("embedded", TABLE), NORM, 1e-5f);
        return g.buildWithSampling(g.matMul("logits", g.selectRows("last", normed), HEAD, null));
    }

    /** Contents of small numbers, whatever the format. */
    private static void upload(Device device) {
        for (Weight weight : List.of(TABLE, HEAD, NORM)) {
            byte[] bytes = new byte[(int) weight.dtype().bytes(weight.shape().elements())];
            for (int i = 0; i < bytes.length; i++) {
                // Every second byte is the upper half of a number: near 1 in F16 and in BF16.
                bytes[i] = (byte) (i % 2 == 0 ? i * 37 : 0x38 + i / 2 % 5);
            }
            device.upload(weight, new ArrayBytes(bytes));
        }
    }

    private static Executable awaitExecutable(Device device) {
        return awaitExecutable(device, LIMITS);
    }

    static Executable awaitExecutable(Device device, Limits limits) {
        upload(device);
        device.awaitUploads(Progress.NONE, new Cancellation());
        return device.awaitCompile(graph(), limits, Progress.NONE);
    }

    private static Step step(Executable executable, Sequence sequence, int... tokens) {
        return executable.submit(new Batch(List.of(new Batch.Item(sequence, tokens, 1, GREEDY, false))));
    }

    private static void awaitOddChunks() {
        var file = new ChunkedFile(40_000, 11);
        var weights = new ArrayList<Weight>();
        int at = 3;
        var slices = new ArrayList<int[]>();
        for (DType format : List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0)) {
            for (int columns : format.blockSize() == 1 ? new int[] {1, 7, 33, 64} : new int[] {32, 96}) {
                var weight = new Weight(format + "." + columns, format, Shape.of(13, columns));
                weights.add(weight);
                int bytes = (int) format.bytes(13L * columns);
                slices.add(new int[] {at, bytes});
                at += bytes + 5;
            }
        }
        try (WebGpuDevice device = awaitDevice(); var reference = new ReferenceDevice()) {
            // Registered back to front: the device has to sort them.
            for (int i = weights.size() - 1; i >= 0; i--) {
                int[] slice = slices.get(i);
                device.upload(weights.get(i), file.slice(slice[0], slice[1]));
                reference.upload(weights.get(i), new ArrayBytes(Arrays.copyOfRange(file.contents(), slice[0], slice[0] + slice[1])));
            }
            device.awaitUploads(Progress.NONE, new Cancellation());
            reference.awaitUploads(Progress.NONE, new Cancellation());
            require(file.passes() == 1, file.passes() + " passes over the file");
            for (Weight weight : weights) {
                var g = new GraphBuilder("embed");
                Graph graph = g.output(g.embed("out", weight)).build();
                float[] expected = awaitRows(reference, graph);
                float[] found = awaitRows(device, graph);
                for (int i = 0; i < expected.length; i++) {
                    boolean same = Math.abs(expected[i] - found[i]) <= 1e-6f * Math.abs(expected[i]);
                    // Bytes of noise make numbers that WGSL may flush or leave out: subnormal, infinite, not a number.
                    boolean special = !(Math.abs(expected[i]) > 1e-30f && Math.abs(expected[i]) < 1e30f);
                    require(same || special, weight + " element " + i + ": " + found[i] + ", expected " + expected[i]);
                }
            }
        }
    }

    private static float[] awaitRows(Device device, Graph graph) {
        try (Executable executable = device.awaitCompile(graph, new Limits(13, 1, 1, 16, 1), Progress.NONE)) {
            int[] ids = new int[13];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = i;
            }
            Sequence sequence = executable.kvPool().newSequence();
            return executable.submit(new Batch(List.of(new Batch.Item(sequence, ids, 0, null, false)))).awaitValue(graph.outputs().get(0));
        }
    }

    private interface Trouble {
        void arrange(ChunkedFile file);
    }

    private static void awaitBrokenUpload(Trouble trouble, ErrorCode expected) {
        try (WebGpuDevice device = awaitDevice()) {
            double before = GpuWatch.liveBytes();
            var file = new ChunkedFile(10_000, 12);
            trouble.arrange(file);
            device.upload(new Weight("first", DType.F32, Shape.of(10, 100)), file.slice(0, 4000));
            device.upload(new Weight("second", DType.F16, Shape.of(10, 150)), file.slice(4100, 3000));
            awaitFailure(expected, () -> device.awaitUploads(Progress.NONE, new Cancellation()));
            require(GpuWatch.liveBytes() == before, GpuWatch.liveBytes() - before + " bytes are left");
            try (Executable executable = awaitExecutable(device)) {
                step(executable, executable.kvPool().newSequence(), 1, 2).awaitTokens();
            }
        }
    }

    private static void awaitCloseFreesAll() {
        double before = GpuWatch.liveBytes();
        WebGpuDevice device = awaitDevice();
        Executable executable = awaitExecutable(device);
        double loaded = GpuWatch.liveBytes();
        device.awaitCompile(graph(), LIMITS, Progress.NONE).close();
        require(GpuWatch.liveBytes() == loaded, "a closed executable leaves " + (GpuWatch.liveBytes() - loaded) + " bytes");
        Step step = step(executable, executable.kvPool().newSequence(), 1);
        device.close();
        device.close();
        require(GpuWatch.liveBytes() == before, "a closed device leaves " + (GpuWatch.liveBytes() - before) + " bytes");
        awaitFailure(ErrorCode.CLOSED, step::awaitTokens);
        awaitFailure(ErrorCode.CLOSED, () -> step(executable, executable.kvPool().newSequence(), 1));
        awaitFailure(ErrorCode.CLOSED, () -> device.awaitCompile(graph(), LIMITS, Progress.NONE));
    }

    private static void awaitOutOfMemory() {
        try (WebGpuDevice device = awaitDevice()) {
            double before = GpuWatch.liveBytes();
            upload(device);
            GpuWatch.runOutOfMemory();
            CremaException weights = awaitFailure(ErrorCode.OUT_OF_MEMORY, () -> device.awaitUploads(Progress.NONE, new Cancellation()));
            require(weights.getMessage().contains(" bytes"), weights.getMessage());
            require(GpuWatch.liveBytes() == before, "uploads leave " + (GpuWatch.liveBytes() - before) + " bytes");
            awaitExecutable(device).close();
            double loaded = GpuWatch.liveBytes();
            GpuWatch.runOutOfMemory();
            awaitFailure(ErrorCode.OUT_OF_MEMORY, () -> device.awaitCompile(graph(), LIMITS, Progress.NONE));
            require(GpuWatch.liveBytes() == loaded, "compiling leaves " + (GpuWatch.liveBytes() - loaded) + " bytes");
        }
    }

    private static void awaitTooLarge() {
        try (WebGpuDevice device = awaitDevice()) {
            upload(device);
            device.awaitUploads(Progress.NONE, new Cancellation());
            double loaded = GpuWatch.liveBytes();
            var huge = new Limits(1 << 24, 1, 1, 64, 1);
            CremaException refused = awaitFailure(ErrorCode.OUT_OF_MEMORY, () -> device.awaitCompile(graph(), huge, Progress.NONE));
            require(refused.getMessage().contains("4294967296"), refused.getMessage());
            require(GpuWatch.liveBytes() == loaded, "compiling leaves " + (GpuWatch.liveBytes() - loaded) + " bytes");
            awaitExecutable(device).close();
        }
    }

    private static void awaitLost() {
        try (WebGpuDevice device = awaitDevice()) {
            Executable executable = awaitExecutable(device);
            Sequence sequence = executable.kvPool().newSequence();
            step(executable, sequence, 1).awaitTokens();
            Step underWay = step(executable, sequence, 2);
            GpuWatch.lose();
            CremaException lost = awaitFailure(ErrorCode.DEVICE_LOST, underWay::awaitTokens);
            require(!lost.hint().isEmpty(), "no hint");
            awaitFailure(ErrorCode.DEVICE_LOST, () -> step(executable, sequence, 3));
            awaitFailure(ErrorCode.DEVICE_LOST, () -> device.awaitCompile(graph(), LIMITS, Progress.NONE));
            executable.close();
        }
        try (WebGpuDevice next = awaitDevice()) {
            awaitExecutable(next).close();
        }
    }

    private static void awaitUncaught() {
        try (WebGpuDevice device = awaitDevice(); Executable executable = awaitExecutable(device)) {
            Sequence sequence = executable.kvPool().newSequence();
            GpuWatch.blunder();
            CremaException reported = awaitFailure(ErrorCode.INTERNAL, step(executable, sequence, 1)::awaitTokens);
            require(reported.getMessage().contains("blunder"), reported.getMessage());
            step(executable, sequence, 2).awaitTokens();
        }
    }

    private static void awaitNoAdapter() {
        GpuWatch.adapter(false);
        try {
            awaitFailure(ErrorCode.DEVICE_UNAVAILABLE, WebGpuCases::awaitDevice);
        } finally {
            GpuWatch.adapter(true);
        }
    }

    private static CremaException awaitFailure(ErrorCode expected, Body body) {
        try {
            body.awaitRun();
        } catch (CremaException failure) {
            require(failure.code() == expected, "expected " + expected + ", got " + failure.code() + ": " + failure.describe());
            return failure;
        }
        throw new IllegalStateException("expected " + expected + ", and nothing happened");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
