package dev.crema.web.device;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Bytes;
import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.device.Executable;
import dev.crema.device.KvFormats;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Verifier;
import dev.crema.graph.Weight;
import dev.crema.graph.pass.Fusion;
import dev.crema.tensor.DType;
import dev.crema.web.gpu.GPU;
import dev.crema.web.gpu.GPUAdapter;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUDevice;
import dev.crema.web.js.Promises;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Runs graphs on the GPU of the browser. Everything that a step needs is made when a graph is compiled. */
public final class WebGpuDevice implements Device {
    private static final String UNAVAILABLE_HINT = "Use a browser with WebGPU (Chrome, Edge, Safari 26, Firefox 141 or newer) over "
        + "https or on localhost, or another device.";

    private final GPUDevice device;
    private final WebGpuOptions options;
    private final DeviceInfo info;
    private final boolean software;
    private final Teams teams;
    private final boolean fuses;
    private final long maxBufferBytes;
    private final DeviceState state;
    private final Kernels kernels;
    private final WeightStore weights;
    private final FormTable forms;
    /** Null where kernels do not race. */
    private final KernelTuning tuning;
    private final List<WebGpuExecutable> executables = new ArrayList<>();

    private WebGpuDevice(GPUAdapter adapter, Granted granted, WebGpuOptions options) {
        device = granted.device();
        this.options = options;
        software = isSoftware(adapter);
        teams = options.teams() != null ? options.teams() : software ? Teams.SINGLE : Teams.WORKGROUP;
        fuses = options.fuses();
        maxBufferBytes = granted.maxBufferBytes();
        info = new DeviceInfo("webgpu", name(adapter), options.reason(), features(granted, options));
        state = new DeviceState(device);
        kernels = new Kernels(granted, state, options);
        forms = FormTable.byDefault(kernels, software);
        weights = new WeightStore(device, state, kernels, maxBufferBytes,
            options.partBytes() > 0 ? Math.min(options.partBytes(), maxBufferBytes) : maxBufferBytes);
        tuning = tuning(granted, options.tuning());
    }

    /** Opens the browser's preferred adapter; DEVICE_UNAVAILABLE, with the reason, where there is none. */
    public static WebGpuDevice awaitOpen(WebGpuOptions options) {
        GPU gpu = GPU.get();
        if (gpu == null) {
            throw unavailable(GPU.isSecureContext() ? "This browser has no WebGPU."
                : "WebGPU needs a secure context, and this page is not one.", null);
        }
        try {
            GPUAdapter adapter = Promises.await(gpu.requestAdapter());
            if (adapter == null) {
                throw unavailable("The browser has WebGPU, but no adapter for it: the GPU is not supported or is switched off.", null);
            }
            return new WebGpuDevice(adapter, Granted.await(gpu, adapter, options), options);
        } catch (CremaException rejection) {
            throw rejection.code() == ErrorCode.DEVICE_UNAVAILABLE ? rejection
                : unavailable("The browser did not give a GPU device (" + rejection.getMessage() + ").", rejection);
        }
    }

    private static CremaException unavailable(String message, Throwable cause) {
        return new CremaException(ErrorCode.DEVICE_UNAVAILABLE, message, UNAVAILABLE_HINT, cause);
    }

    private static boolean isSoftware(GPUAdapter adapter) {
        String words = (adapter.info("architecture") + " " + adapter.info("device") + " " + adapter.info("description")).toLowerCase();
        return adapter.isFallbackAdapter() || words.contains("swiftshader") || words.contains("llvmpipe") || words.contains("basic render");
    }

    private static String name(GPUAdapter adapter) {
        var name = new StringBuilder();
        for (String word : List.of("vendor", "architecture", "description")) {
            String text = adapter.info(word);
            if (!text.isEmpty() && name.indexOf(text) < 0) {
                name.append(name.isEmpty() ? "" : " ").append(text);
            }
        }
        return name.isEmpty() ? "unnamed GPU" : name.toString();
    }

    private List<String> features(Granted granted, WebGpuOptions options) {
        var features = new ArrayList<String>();
        if (software) {
            features.add("software");
        }
        features.addAll(granted.features());
        features.add(teams.variant + " kernels");
        for (String shader : new TreeSet<>(options.excluded())) {
            features.add("without " + shader);
        }
        return List.copyOf(features);
    }

    private KernelTuning tuning(Granted granted, Tuning wanted) {
        if (wanted == null || software && !wanted.evenSoftware()) {
            return null;
        }
        var tuner = new Tuner(wanted, info.name() + " " + kernels.id(), Clock.SYSTEM);
        return new KernelTuning(granted, state, kernels, weights, teams, forms, tuner);
    }

    /** With what the tuner chose so far, and why. */
    @Override
    public DeviceInfo info() {
        var features = new ArrayList<>(info.features());
        features.addAll(forms.report());
        return new DeviceInfo(info.kind(), info.name(), info.reason(), List.copyOf(features));
    }

    /** How it was opened. */
    public WebGpuOptions options() {
        return options;
    }

    /** Full names of the kernel variants whose features this adapter has, such as {@code mat_mul.tile}; without the plain forms. */
    public List<String> variants() {
        return kernels.variants();
    }

    /** Stands for the kernels of this build: another text when any of them changes. */
    public String kernelsId() {
        return kernels.id();
    }

    /** Whether the adapter only imitates a GPU on the CPU. */
    public boolean isSoftware() {
        return software;
    }

    @Override
    public boolean supports(DType format) {
        return GpuWeight.supports(format);
    }

    @Override
    public boolean supportsKv(DType format) {
        return KvRows.supports(format);
    }

    @Override
    public long kvBytesPerToken(KvLayout layout, DType format) {
        return layout.layers() * layout.kvHeads() * KvRows.rowBytes(layout, format);
    }

    @Override
    public void upload(Weight weight, Bytes bytes) {
        state.check();
        weights.register(weight, bytes);
    }

    @Override
    public void awaitUploads(Progress progress, Cancellation cancellation) {
        state.check();
        weights.awaitUploads(progress, cancellation);
    }

    @Override
    public Executable awaitCompile(Graph graph, Limits limits, Progress progress) {
        state.check();
        Verifier.verify(graph);
        KvFormats.check(this, graph.kv(), limits.kvType());
        if (tuning != null) {
            tuning.awaitTune(graph, limits, progress);
        }
        Graph fused = fuses ? Fusion.of(graph) : graph;
        weights.awaitJoin(fused);
        var memory = new GpuMemory(device, maxBufferBytes);
        try {
            WebGpuExecutable executable = awaitBuild(graph, fused, limits, memory, progress);
            executables.add(executable);
            return executable;
        } catch (RuntimeException failure) {
            memory.free();
            throw failure;
        }
    }

    /** The host knows the values of {@code graph}; {@code fused} computes them, under the same names. */
    private WebGpuExecutable awaitBuild(Graph graph, Graph fused, Limits limits, GpuMemory memory, Progress progress) {
        int vocab = graph.tokens() == null ? 0 : graph.logits().channels();
        var writer = new BatchWriter(limits, vocab);
        state.beginAllocation();
        CremaException failure = null;
        WebGpuExecutable executable = null;
        try {
            var buffers = new GraphBuffers(fused, limits, writer, memory, device.getQueue());
            var params = new Params(memory);
            var lowering = new Lowering(device, kernels, weights, buffers, params, teams, forms);
            Begin begin = Begin.lower(graph, vocab, lowering);
            List<Dispatch> dispatches = new GraphCompiler(lowering).compile(fused);
            params.write(device.getQueue());
            var readback = new Readback(device, state, memory, limits.maxOutputs());
            GPUBuffer pageCopy = memory.storage("page", Math.max(GraphBuffers.TEXT_PAGE_BYTES, graph.kv() == null ? 0 : buffers.kvPageBytes()));
            executable = new WebGpuExecutable(this, device, state, graph, limits, buffers, writer, begin, dispatches, lowering.decodeRows(), readback, pageCopy);
        } catch (CremaException known) {
            failure = known;
        }
        state.awaitAllocated("buffers of " + graph.name(), memory.bytes());
        if (failure != null) {
            throw failure;
        }
        kernels.awaitAll(progress);
        state.check();
        return executable;
    }

    void forget(WebGpuExecutable executable) {
        executables.remove(executable);
    }

    @Override
    public void close() {
        if (state.close()) {
            for (WebGpuExecutable executable : List.copyOf(executables)) {
                executable.close();
            }
            weights.free();
            device.destroy();
        }
    }
}
