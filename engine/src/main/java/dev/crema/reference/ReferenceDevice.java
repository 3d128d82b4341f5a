package dev.crema.reference;

import dev.crema.Cancellation;
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
import dev.crema.graph.Operands;
import dev.crema.graph.Verifier;
import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The definition of every op as plain loops over float arrays, in Java that runs anywhere. Weights are dequantised when they are
 * uploaded (4 bytes an element). A step is complete when {@code submit} returns.
 */
public final class ReferenceDevice implements Device {
    private static final int CHUNK_BYTES = 1 << 20;

    private record Upload(Weight weight, Bytes bytes) { }

    private final DeviceInfo info;
    private final Map<String, Upload> pending = new LinkedHashMap<>();
    private final Map<String, Weight> weights = new HashMap<>();
    private final Map<String, float[]> contents = new HashMap<>();
    private final List<ReferenceExecutable> executables = new ArrayList<>();
    private boolean closed;

    public ReferenceDevice() {
        this(new DeviceInfo("reference", "plain Java loops", "asked for", List.of()));
    }

    /** Under another name, as where the browser falls back to it. */
    public ReferenceDevice(DeviceInfo info) {
        this.info = info;
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public boolean supports(DType format) {
        return Quant.supports(format);
    }

    @Override
    public boolean supportsKv(DType format) {
        return KvFormats.ALL.contains(format);
    }

    /** Whatever the format, the cache is of floats. */
    @Override
    public long kvBytesPerToken(KvLayout layout, DType format) {
        return layout.bytesPerToken(DType.F32);
    }

    @Override
    public void upload(Weight weight, Bytes bytes) {
        checkOpen();
        long elements = weight.shape().elements();
        if (!supports(weight.dtype())) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The weight " + weight + " has a number format that this device can't read.", "");
        }
        if (bytes.length() != weight.dtype().bytes(elements)) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The weight " + weight + " needs " + weight.dtype().bytes(elements)
                + " bytes, but " + bytes.length() + " are there.", "");
        }
        if (elements > Integer.MAX_VALUE - 8) {
            throw new CremaException(ErrorCode.OUT_OF_MEMORY, "The weight " + weight + " has " + elements
                + " elements, more than one Java array holds.", "Choose another device.");
        }
        pending.put(weight.name(), new Upload(weight, bytes));
    }

    @Override
    public void awaitUploads(Progress progress, Cancellation cancellation) {
        checkOpen();
        long total = 0;
        for (Upload upload : pending.values()) {
            total += upload.bytes.length();
        }
        var done = new HashMap<String, float[]>();
        long doneBytes = 0;
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            for (Upload upload : pending.values()) {
                progress.report(Progress.Phase.UPLOAD, upload.weight.name(), doneBytes, total);
                done.put(upload.weight.name(), awaitDequantized(upload, chunk, cancellation));
                doneBytes += upload.bytes.length();
            }
            for (Upload upload : pending.values()) {
                weights.put(upload.weight.name(), upload.weight);
            }
            contents.putAll(done);
            progress.report(Progress.Phase.UPLOAD, "", total, total);
        } finally {
            pending.clear();
        }
    }

    private static float[] awaitDequantized(Upload upload, byte[] chunk, Cancellation cancellation) {
        DType dtype = upload.weight.dtype();
        int chunkBlocks = CHUNK_BYTES / dtype.blockBytes();
        float[] target = new float[(int) upload.weight.shape().elements()];
        int chunkElements = chunkBlocks * dtype.blockSize();
        for (int from = 0; from < target.length; from += chunkElements) {
            cancellation.check();
            int elements = Math.min(chunkElements, target.length - from);
            upload.bytes.awaitRead(dtype.bytes(from), chunk, 0, (int) dtype.bytes(elements));
            Quant.dequantize(dtype, chunk, 0, target, from, elements);
        }
        return target;
    }

    @Override
    public Executable awaitCompile(Graph graph, Limits limits, Progress progress) {
        checkOpen();
        Verifier.verify(graph);
        KvFormats.check(this, graph.kv(), limits.kvType());
        for (Weight weight : Operands.weightsOf(graph)) {
            if (!weight.equals(weights.get(weight.name()))) {
                throw new CremaException(ErrorCode.MISSING_TENSOR, "The graph " + graph.name() + " reads the weight " + weight
                    + ", which was not uploaded.", "");
            }
        }
        var executable = new ReferenceExecutable(this, graph, limits);
        executables.add(executable);
        progress.report(Progress.Phase.COMPILE, graph.name(), 1, 1);
        return executable;
    }

    /** The elements of an uploaded weight; null stays null. */
    float[] contents(Weight weight) {
        return weight == null ? null : contents.get(weight.name());
    }

    void checkOpen() {
        if (closed) {
            throw new CremaException(ErrorCode.CLOSED, "The device is closed.", "");
        }
    }

    void forget(ReferenceExecutable executable) {
        executables.remove(executable);
    }

    @Override
    public void close() {
        closed = true;
        for (ReferenceExecutable executable : List.copyOf(executables)) {
            executable.close();
        }
        pending.clear();
        weights.clear();
        contents.clear();
    }
}
