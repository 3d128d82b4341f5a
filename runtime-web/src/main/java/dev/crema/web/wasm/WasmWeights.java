package dev.crema.web.wasm;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Bytes;
import dev.crema.graph.Graph;
import dev.crema.graph.Operands;
import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.web.storage.FileParts;
import dev.crema.web.storage.WebBytes;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The weights of a device: in the number format of the checkpoint, and vectors a second time as floats. */
final class WasmWeights {
    private static final int CHUNK_BYTES = 1 << 20;

    private record Upload(Weight weight, Bytes bytes) { }

    private final KernelHost host;
    private final Heap heap;
    private final Map<String, Upload> pending = new LinkedHashMap<>();
    private final Map<String, Weight> weights = new HashMap<>();
    private final Map<String, Long> addresses = new HashMap<>();
    /** Addresses of weights as floats, where they are none by themselves or stand too far up. */
    private final Map<String, Integer> floats = new HashMap<>();
    private long done;
    private long total;

    WasmWeights(KernelHost host, Heap heap) {
        this.host = host;
        this.heap = heap;
    }

    void register(Weight weight, Bytes bytes) {
        if (!Quant.supports(weight.dtype())) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The weight " + weight + " has a number format that this device can't read.", "");
        }
        long needed = weight.dtype().bytes(weight.shape().elements());
        if (bytes.length() != needed) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The weight " + weight + " needs " + needed + " bytes, but " + bytes.length()
                + " are there.", "");
        }
        pending.put(weight.name(), new Upload(weight, bytes));
    }

    /** Places for all first, so that a model that is too large fails before it is downloaded. */
    void awaitUploads(Progress progress, Cancellation cancellation) {
        var arrived = new HashMap<String, Long>();
        try {
            awaitReserve();
            for (Upload upload : pending.values()) {
                arrived.put(upload.weight.name(), heap.takeWeight(upload.bytes.length(), "The weight " + upload.weight.name()));
            }
            awaitFill(arrived, progress, cancellation);
        } catch (RuntimeException failure) {
            arrived.values().forEach(heap::giveWeight);
            throw failure;
        } finally {
            pending.clear();
        }
        progress.report(Progress.Phase.UPLOAD, "", total, total);
    }

    /** Grows the memory once, to what all weights take. */
    private void awaitReserve() {
        total = 0;
        for (Upload upload : pending.values()) {
            total += upload.bytes.length();
        }
        heap.awaitReserve(total, pending.size(), "A model");
    }

    private void awaitFill(Map<String, Long> arrived, Progress progress, Cancellation cancellation) {
        done = 0;
        var files = new FileParts(cancellation);
        for (Upload upload : pending.values()) {
            cancellation.check();
            long address = arrived.get(upload.weight.name());
            if (upload.bytes instanceof WebBytes inFile) {
                files.add(upload.weight.name(), inFile, (chunk, from, count, position) -> {
                    host.write(address + position, chunk, from, count);
                    done += count;
                    progress.report(Progress.Phase.UPLOAD, upload.weight.name(), done, total);
                });
            } else {
                awaitCopy(upload, address, progress, cancellation);
            }
        }
        files.awaitAll();
        for (Upload upload : pending.values()) {
            forget(upload.weight.name());
            weights.put(upload.weight.name(), upload.weight);
        }
        addresses.putAll(arrived);
        pack();
    }

    /** Puts the rows of what has just come together by fours, where its format has kernels for that. */
    private void pack() {
        var region = new Region(heap);
        var scratch = new Scratch(host.threads());
        var program = new Program(host, region);
        for (Upload upload : pending.values()) {
            Weight weight = upload.weight;
            int rows = QuadFormats.rows(weight);
            if (rows > 0) {
                int rowBytes = (int) weight.dtype().bytes(weight.shape().last());
                scratch.need(4L * rowBytes);
                program.add("quads_pack", units(weight), rows, rowBytes, weight.dtype().ggmlId());
            }
        }
        if (program.size() > 0) {
            scratch.place(region);
            program.finish();
            program.run(scratch);
        }
        region.free();
    }

    /** The place of a weight that is uploaded a second time. */
    private void forget(String name) {
        Long before = addresses.remove(name);
        if (before != null) {
            heap.giveWeight(before);
        }
        Integer copy = floats.remove(name);
        if (copy != null) {
            heap.give(copy);
        }
    }

    private void awaitCopy(Upload upload, long address, Progress progress, Cancellation cancellation) {
        long length = upload.bytes.length();
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, length)];
        for (long at = 0; at < length; at += chunk.length) {
            progress.report(Progress.Phase.UPLOAD, upload.weight.name(), done, total);
            cancellation.check();
            int count = (int) Math.min(chunk.length, length - at);
            upload.bytes.awaitRead(at, chunk, 0, count);
            host.writeBytes(address + at, chunk, count);
            done += count;
        }
    }

    /** MISSING_TENSOR where a weight of the graph was not uploaded. */
    void check(Graph graph) {
        for (Weight weight : Operands.weightsOf(graph)) {
            if (!weight.equals(weights.get(weight.name()))) {
                throw new CremaException(ErrorCode.MISSING_TENSOR, "The graph " + graph.name() + " reads the weight " + weight
                    + ", which was not uploaded.", "");
            }
        }
    }

    /** The address of a weight in its own format, in units of {@link Zone#ALIGNMENT} bytes. */
    int units(Weight weight) {
        return (int) (addresses.get(weight.name()) / Zone.ALIGNMENT);
    }

    /** The address of a norm weight or bias as floats; 0 for null. */
    int floats(Weight weight) {
        if (weight == null) {
            return 0;
        }
        if (weight.dtype() == DType.F32 && heap.hasLowWeights()) {
            return addresses.get(weight.name()).intValue();
        }
        if (QuadFormats.rows(weight) > 0) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The Wasm device reads no bias in the format of " + weight + ".", "");
        }
        Integer known = floats.get(weight.name());
        if (known != null) {
            return known;
        }
        int elements = (int) weight.shape().elements();
        int copy = heap.take(4L * elements, "The weight " + weight.name() + " as floats");
        floats.put(weight.name(), copy);
        var region = new Region(heap);
        var program = new Program(host, region);
        program.add("rows_decode", weight.dtype().ggmlId(), units(weight), elements, copy);
        program.finish();
        host.run(program.address(), 1, 0, 0);
        region.free();
        return copy;
    }
}
