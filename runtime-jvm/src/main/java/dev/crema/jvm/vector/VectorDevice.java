package dev.crema.jvm.vector;

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
import dev.crema.jvm.files.MappedBytes;
import dev.crema.tensor.DType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All cores of the processor through the Vector API. Matrices of formats that gain by it are repacked ({@link Packed}), those of mapped files that are not
 * large after the first step ({@link LateWeights}). Others stay in the mapped file, so it must stay open as long as the device; what comes from elsewhere is
 * copied out of the heap. A step is complete when {@code submit} returns.
 */
public final class VectorDevice implements Device {
    private static final int CHUNK_BYTES = 1 << 20;

    private record Upload(Weight weight, Bytes bytes) { }

    private final DeviceInfo info;
    private final Workers workers;
    private final Map<String, Upload> pending = new LinkedHashMap<>();
    private final Map<String, Weight> weights = new HashMap<>();
    /** What is no matrix is here as one: a stack's rows are its first matrix's, a vector is the first row. */
    private final Map<String, Matrix> matrices = new HashMap<>();
    /** Memory of those that were repacked or will be. */
    private final Arena packedArena = Arena.ofShared();
    private final LateWeights late;
    private final boolean repacks;
    private final Warmup warmup = new Warmup();
    private final List<VectorExecutable> executables = new ArrayList<>();
    private boolean closed;

    /** On so many threads; {@code reason} says why this device was chosen. */
    public VectorDevice(int threads, String reason) {
        this(threads, reason, true);
    }

    /** Without repacking weights stay in the mapped file: they load at once and share memory with other processes, but most run slower. */
    public VectorDevice(int threads, String reason, boolean repacks) {
        prepare();
        this.repacks = repacks;
        workers = new Workers(threads);
        late = new LateWeights(workers);
        info = new DeviceInfo("vector", threads + " CPU threads with " + Lanes.name(), reason, List.of(Lanes.name()));
    }

    /** Begins to compile the loops that all models share, in the background: worth calling before a model is opened. */
    public static void prepare() {
        Warmup.prepare();
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public boolean supports(DType format) {
        return Decoder.supports(format);
    }

    @Override
    public boolean supportsKv(DType format) {
        return PanelCache.supports(format);
    }

    @Override
    public long kvBytesPerToken(KvLayout layout, DType format) {
        return PanelCache.bytesPerToken(layout, format);
    }

    @Override
    public void upload(Weight weight, Bytes bytes) {
        checkOpen();
        if (!supports(weight.dtype())) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The weight " + weight + " has a number format that this device can't read.", "");
        }
        long needed = weight.dtype().bytes(weight.shape().elements());
        if (bytes.length() != needed) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The weight " + weight + " needs " + needed + " bytes, but " + bytes.length()
                + " are there.", "");
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
        long done = 0;
        var arrived = new HashMap<String, Matrix>();
        var waiting = new ArrayList<LateWeights.Late>();
        try {
            late.finish();
            MemorySegment memory = packedMemory();
            boolean mayWait = memory.byteSize() <= LateWeights.MOST_BYTES;
            prepare(memory, mayWait);
            for (Upload upload : pending.values()) {
                progress.report(Progress.Phase.UPLOAD, upload.weight.name(), done, total);
                cancellation.check();
                if (isPacked(upload.weight)) {
                    MemorySegment target = memory.asSlice(0, Repacker.bytes(upload.weight));
                    memory = memory.asSlice(target.byteSize());
                    if (mayWait && isLate(upload)) {
                        waiting.add(new LateWeights.Late(upload.weight, (MappedBytes) upload.bytes, target));
                    } else {
                        pack(upload, target, cancellation);
                        arrived.put(upload.weight.name(), Matrix.of(upload.weight, target, true));
                    }
                } else {
                    arrived.put(upload.weight.name(), Matrix.of(upload.weight, awaitSegment(upload.bytes, cancellation), false));
                }
                done += upload.bytes.length();
            }
            for (Upload upload : pending.values()) {
                weights.put(upload.weight.name(), upload.weight);
            }
            matrices.putAll(arrived);
            matrices.putAll(late.begin(waiting));
            progress.report(Progress.Phase.UPLOAD, "", total, total);
        } finally {
            pending.clear();
        }
    }

    private boolean isPacked(Weight weight) {
        return repacks && Repacker.isWanted(weight);
    }

    private static boolean isLate(Upload upload) {
        return LateWeights.canWait(upload.weight) && upload.bytes instanceof MappedBytes;
    }

    private void pack(Upload upload, MemorySegment target, Cancellation cancellation) {
        MappedBytes mapped = upload.bytes instanceof MappedBytes bytes ? bytes : null;
        Repacker.pack(upload.weight, awaitSegment(upload.bytes, cancellation), mapped, target, workers);
    }

    /** For all that is to be packed; sizes are multiples of 64. */
    private MemorySegment packedMemory() {
        long bytes = 0;
        for (Upload upload : pending.values()) {
            bytes += isPacked(upload.weight) ? Repacker.bytes(upload.weight) : 0;
        }
        return WeightMemory.allocate(bytes, packedArena);
    }

    /** Begins to compile the loops that read the memory, while it is filled; of what waits, while a sample of each format is there. */
    private void prepare(MemorySegment memory, boolean mayWait) {
        var samples = new ArrayList<Matrix>();
        var formats = new HashSet<DType>();
        long at = 0;
        for (Upload upload : pending.values()) {
            if (isPacked(upload.weight)) {
                MemorySegment target = memory.asSlice(at, Repacker.bytes(upload.weight));
                at += target.byteSize();
                if (!mayWait || !isLate(upload)) {
                    samples.add(Matrix.of(upload.weight, target, true));
                } else if (formats.add(upload.weight.dtype())) {
                    samples.add(late.sample(new LateWeights.Late(upload.weight, (MappedBytes) upload.bytes, target)));
                }
            }
        }
        warmup.formatsOf(samples);
    }

    private static MemorySegment awaitSegment(Bytes bytes, Cancellation cancellation) {
        if (bytes instanceof MappedBytes mapped) {
            return mapped.segment();
        }
        MemorySegment segment = Arena.ofAuto().allocate(bytes.length(), 64);
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, bytes.length())];
        for (long at = 0; at < bytes.length(); at += chunk.length) {
            cancellation.check();
            int count = (int) Math.min(chunk.length, bytes.length() - at);
            bytes.awaitRead(at, chunk, 0, count);
            MemorySegment.copy(chunk, 0, segment, ValueLayout.JAVA_BYTE, at, count);
        }
        return segment;
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
        var executable = new VectorExecutable(this, graph, limits, workers, late, warmup);
        executables.add(executable);
        progress.report(Progress.Phase.COMPILE, graph.name(), 1, 1);
        return executable;
    }

    Matrix matrix(Weight weight) {
        return matrices.get(weight.name());
    }

    /** The matrices of a stack. */
    Matrix[] matrices(Weight weight) {
        Matrix all = matrix(weight);
        var each = new Matrix[weight.shape().extent(0)];
        long size = all.bytes().byteSize() / each.length;
        for (int i = 0; i < each.length; i++) {
            each[i] = new Matrix(weight.dtype(), weight.shape().extent(1), weight.shape().last(), all.bytes().asSlice(i * size, size), all.packed());
        }
        return each;
    }

    /** A norm weight, bias or rope factors as floats; null stays null. */
    float[] vector(Weight weight) {
        return vector(weight, 0);
    }

    /** The same of one of several that are stacked. */
    float[] vector(Weight weight, int row) {
        if (weight == null) {
            return null;
        }
        float[] elements = new float[weight.shape().last()];
        matrix(weight).decode(row, 0, elements.length, elements, 0);
        return elements;
    }

    void checkOpen() {
        if (closed) {
            throw new CremaException(ErrorCode.CLOSED, "The device is closed.", "");
        }
    }

    void forget(VectorExecutable executable) {
        executables.remove(executable);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (VectorExecutable executable : List.copyOf(executables)) {
            executable.close();
        }
        warmup.stop();
        late.close();
        workers.close();
        pending.clear();
        weights.clear();
        matrices.clear();
        packedArena.close();
    }
}
