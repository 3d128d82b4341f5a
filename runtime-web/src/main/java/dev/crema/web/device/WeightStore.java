package dev.crema.web.device;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Bytes;
import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUCommandEncoder;
import dev.crema.web.gpu.GPUComputePassEncoder;
import dev.crema.web.gpu.GPUDevice;
import org.teavm.jso.core.JSArray;
import org.teavm.jso.typedarrays.Int32Array;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The weights of a device: those registered, and those that are on the GPU. */
final class WeightStore {
    private record Pending(Weight weight, Bytes bytes) { }

    private final GPUDevice device;
    private final DeviceState state;
    private final Kernels kernels;
    private final long maxBufferBytes;
    private final long partBytes;
    private final GpuMemory memory;
    private final Map<String, Pending> pending = new LinkedHashMap<>();
    private final Map<String, GpuWeight> weights = new HashMap<>();
    /** Names of weights that executables may have bound. */
    private final Set<String> bound = new HashSet<>();
    private final JoinedWeights joined;

    /** Weights of more than {@code partBytes} are split. */
    WeightStore(GPUDevice device, DeviceState state, Kernels kernels, long maxBufferBytes, long partBytes) {
        this.device = device;
        this.state = state;
        this.kernels = kernels;
        this.maxBufferBytes = maxBufferBytes;
        this.partBytes = partBytes;
        memory = new GpuMemory(device, maxBufferBytes);
        joined = new JoinedWeights(device, state, this);
    }

    GpuMemory memory() {
        return memory;
    }

    /** Rows of a weight that one buffer holds. */
    int mostRows(Weight weight) {
        return GpuWeight.mostRows(weight, partBytes);
    }

    void register(Weight weight, Bytes bytes) {
        if (!GpuWeight.supports(weight.dtype())) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The weight " + weight + " has a number format that this device can't read.", "");
        }
        long expected = weight.dtype().bytes(weight.shape().elements());
        if (bytes.length() != expected) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The weight " + weight + " needs " + expected + " bytes, but " + bytes.length()
                + " are there.", "");
        }
        pending.put(weight.name(), new Pending(weight, bytes));
    }

    /** The weight's buffers; MISSING_TENSOR where they are not there. */
    GpuWeight get(Weight weight) {
        GpuWeight known = original(weight);
        bound.add(weight.name());
        return known;
    }

    /** The same for one who does not bind the buffers. */
    GpuWeight original(Weight weight) {
        GpuWeight known = weights.get(weight.name());
        if (known == null) {
            known = joined.restore(weight);
            if (known != null) {
                weights.put(weight.name(), known);
            }
        }
        if (known == null || !sameTensor(known.weight(), weight)) {
            throw new CremaException(ErrorCode.MISSING_TENSOR, "The graph reads the weight " + weight + ", which was not uploaded.", "");
        }
        return known;
    }

    boolean isBound(Weight weight) {
        return bound.contains(weight.name());
    }

    /** What had the weight's buffers is gone. */
    void unbind(Weight weight) {
        bound.remove(weight.name());
    }

    /** Frees the buffers of a weight that is joined to others, unless somebody uses them. */
    void release(Weight weight) {
        if (!bound.contains(weight.name())) {
            weights.remove(weight.name()).free();
        }
    }

    /** Puts together what ops of the graph read together; see {@link #joined} and {@link #paired}. */
    void awaitJoin(Graph graph) {
        joined.awaitJoin(graph);
    }

    /** The weights of a projection in as few pieces as there are, in order. */
    List<GpuWeight> joined(List<Op.Linear> linears) {
        return joined.find(linears);
    }

    /** Both weights of a gated projection in parts with the same rows of gate, then of up; null where they are apart. */
    GpuWeight paired(Weight gate, Weight up) {
        return joined.paired(gate, up);
    }

    /** All biases of a projection in the order of its weights' rows, zero where one has none; null where none has one. */
    GPUBuffer bias(List<Op.Linear> linears, GpuWeight paired) {
        return joined.bias(linears, paired);
    }

    /** A vector is F32 here whatever it was in the file. */
    private static boolean sameTensor(Weight known, Weight wanted) {
        return known.shape().equals(wanted.shape()) && (known.dtype() == wanted.dtype() || known.shape().rank() == 1);
    }

    /** Everything registered is on the GPU afterwards, or nothing of it. */
    void awaitUploads(Progress progress, Cancellation cancellation) {
        var fresh = new ArrayList<GpuWeight>();
        try {
            awaitAllocate(fresh);
            var uploads = new Uploads(device.getQueue(), state, progress, cancellation);
            for (Pending upload : pending.values()) {
                uploads.addTotal(upload.bytes.length());
            }
            for (GpuWeight weight : fresh) {
                cancellation.check();
                uploads.awaitAdd(weight, pending.get(weight.weight().name()).bytes);
            }
            uploads.awaitFiles();
            awaitExpandVectors(fresh);
            state.awaitDone();
            for (GpuWeight weight : fresh) {
                joined.forget(weight.weight());
                GpuWeight old = weights.put(weight.weight().name(), weight);
                if (old != null) {
                    old.free();
                }
            }
            fresh.clear();
        } finally {
            pending.clear();
            for (GpuWeight weight : fresh) {
                weight.free();
            }
        }
    }

    private void awaitAllocate(List<GpuWeight> fresh) {
        long before = memory.bytes();
        state.beginAllocation();
        CremaException failure = null;
        try {
            for (Pending upload : pending.values()) {
                fresh.add(GpuWeight.allocate(upload.weight, memory, mostRows(upload.weight), 1));
            }
        } catch (CremaException tooLarge) {
            failure = tooLarge;
        }
        state.awaitAllocated("weights", memory.bytes() - before);
        if (failure != null) {
            throw failure;
        }
    }

    /** Norms, biases and rope factors become F32: they are small, and so their kernels need one form only. */
    private void awaitExpandVectors(List<GpuWeight> fresh) {
        var scratch = new GpuMemory(device, maxBufferBytes);
        try {
            // The kernel embed does it: the vector is a table of one row, and this is a batch of one token, 0.
            GPUBuffer batch = scratch.storage("expand.batch", 4 * (BatchWriter.HEADER_WORDS + 1));
            var words = new Int32Array(BatchWriter.HEADER_WORDS + 1);
            words.set(BatchWriter.TOKENS, 1);
            words.set(BatchWriter.IDS_AT, BatchWriter.HEADER_WORDS);
            device.getQueue().writeBuffer(batch, 0, words, 0, words.getLength());
            for (int i = 0; i < fresh.size(); i++) {
                GpuWeight weight = fresh.get(i);
                if (weight.weight().shape().rank() == 1 && weight.weight().dtype() != DType.F32) {
                    fresh.set(i, awaitExpanded(weight, batch, scratch));
                    weight.free();
                }
            }
        } finally {
            scratch.free();
        }
    }

    private GpuWeight awaitExpanded(GpuWeight packed, GPUBuffer batch, GpuMemory scratch) {
        int columns = packed.columns();
        Kernels.Kernel kernel = kernels.get("embed", Map.of("weight", packed.variant()));
        kernels.awaitAll(Progress.NONE);
        var vector = new Weight(packed.weight().name(), DType.F32, packed.weight().shape());
        var expanded = GpuWeight.allocate(vector, memory, mostRows(vector), 1);
        var params = new Params(scratch);
        int at = params.add(columns, 0, 1);
        params.write(device.getQueue());
        JSArray<GPUBuffer> buffers = JSArray.create();
        buffers.push(batch);
        buffers.push(expanded.parts().get(0).buffer());
        buffers.push(packed.parts().get(0).buffer());
        GPUCommandEncoder encoder = device.createCommandEncoder();
        GPUComputePassEncoder pass = encoder.beginComputePass();
        new Dispatch.Linear(kernel, device.createBindGroup(kernel.layout, params.buffer(at), params.offset(at), Params.STRIDE, buffers), Rows.TOKENS,
            (columns + 3) / 4, Dispatch.INVOCATIONS).encode(pass, new StepSize(1, 0, 1, 1, false));
        pass.end();
        device.getQueue().submit(encoder.finish());
        return expanded;
    }

    void free() {
        pending.clear();
        weights.clear();
        joined.clear();
        memory.free();
    }
}
