package dev.crema.engine;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.KvFormats;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

/** From files to a running engine: open the checkpoint, build the graph, upload the weights, compile. */
public final class ModelLoader {
    /** What the KV cache takes at most unless the caller says otherwise. */
    private static final long KV_BUDGET_BYTES = 512L << 20;
    /** A default cache holds this many full contexts where the budget allows: the running chat, and some prefixes. */
    private static final int KV_CONTEXTS = 4;

    private ModelLoader() { }

    /** Opens the checkpoint and builds the graph; reads headers only. {@code id} null takes the files' name. */
    public static Model awaitOpen(ModelFiles files, String id, int contextLength) {
        return ModelOpener.awaitOpen(files, id, contextLength);
    }

    /** The same for a checkpoint that is open. */
    public static Model of(Checkpoint checkpoint, String id, int contextLength) {
        return ModelOpener.of(checkpoint, id, contextLength);
    }

    /**
     * Uploads the model's weights to {@code device} and compiles. The engine owns the executable, the caller keeps the device (and
     * closes it, also after an error). A device that fails later ends the engine.
     */
    public static Engine awaitLoad(Model model, Device device, EngineOptions options, Clock clock, Progress progress, Cancellation cancellation) {
        Executable executable = awaitExecutable(model, device, limits(model, device, options), progress, cancellation);
        return new Engine(model, executable, options, clock, staying(device));
    }

    /** A device that is not replaced. */
    private static ExecutableSource staying(Device device) {
        return new ExecutableSource() {
            @Override
            public Executable awaitExecutable(CremaException failure) {
                throw failure;
            }

            @Override
            public Executable awaitCompile(Graph graph, Limits limits) {
                return device.awaitCompile(graph, limits, Progress.NONE);
            }
        };
    }

    /** The same for an engine that the caller makes. */
    public static Executable awaitExecutable(Model model, Device device, Limits limits, Progress progress, Cancellation cancellation) {
        KvFormats.check(device, model.graph().kv(), limits.kvType());
        for (Weight weight : model.weights().used().values()) {
            if (!device.supports(weight.dtype())) {
                throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Tensor " + weight.name() + " is " + weight.dtype() + ", which the "
                    + device.info().kind() + " device can't compute with.", "Use a file in one of these formats: " + formatsOf(device) + ".");
            }
            device.upload(weight, model.weights().bytes(weight));
        }
        device.awaitUploads(progress, cancellation);
        cancellation.check();
        Executable executable = device.awaitCompile(model.graph(), limits, progress);
        progress.report(Progress.Phase.READY, model.id(), 1, 1);
        return executable;
    }

    private static String formatsOf(Device device) {
        var names = new StringBuilder();
        for (DType type : DType.values()) {
            names.append(!device.supports(type) ? "" : names.isEmpty() ? type.name() : ", " + type.name());
        }
        return names.toString();
    }

    /** What the model is compiled for on {@code device}: as much context as was asked for, or as the memory of a KV cache holds. */
    public static Limits limits(Model model, Device device, EngineOptions options) {
        long bytesPerToken = device.kvBytesPerToken(model.graph().kv(), options.kvType());
        long budget = options.kvTokens() > 0 ? options.kvTokens() : KV_BUDGET_BYTES / bytesPerToken;
        int context = options.contextLength() > 0 ? Math.min(options.contextLength(), model.contextLength()) : model.contextLength();
        if (options.contextLength() <= 0 || options.kvTokens() > 0) {
            context = (int) Math.min(context, Math.max(budget, KvPool.PAGE_TOKENS));
        }
        long kvTokens = options.kvTokens() > 0 ? options.kvTokens() : Math.max(context, Math.min(budget, (long) KV_CONTEXTS * context));
        int pages = (int) ((kvTokens + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS);
        int maxTokens = Math.max(options.prefillChunk(), options.maxSequences());
        return new Limits(maxTokens, options.maxSequences(), options.maxSequences(), context, pages, options.kvType());
    }
}
