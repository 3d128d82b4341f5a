package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.FlatBatch;
import dev.crema.device.KvPages;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.graph.Value;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUCommandEncoder;
import dev.crema.web.gpu.GPUComputePassEncoder;
import dev.crema.web.gpu.GPUDevice;
import org.teavm.jso.typedarrays.Float32Array;
import org.teavm.jso.typedarrays.Int32Array;

import java.util.List;

/**
 * A compiled graph: a step is one write of the batch, one pass over the dispatches and one submit; the sampled tokens are copied to where
 * the host can read them.
 */
final class WebGpuExecutable implements Executable {
    private final WebGpuDevice owner;
    private final GPUDevice device;
    private final DeviceState state;
    private final Graph graph;
    private final Limits limits;
    private final GraphBuffers buffers;
    private final BatchWriter writer;
    private final Begin begin;
    private final List<Dispatch> dispatches;
    private final int decodeRows;
    private final Readback readback;
    private final GPUBuffer pageCopy;
    private final KvPool pool;
    private final int vocabSize;
    private WebGpuStep last;
    private boolean closed;

    WebGpuExecutable(WebGpuDevice owner, GPUDevice device, DeviceState state, Graph graph, Limits limits, GraphBuffers buffers, BatchWriter writer,
            Begin begin, List<Dispatch> dispatches, int decodeRows, Readback readback, GPUBuffer pageCopy) {
        this.owner = owner;
        this.device = device;
        this.state = state;
        this.graph = graph;
        this.limits = limits;
        this.buffers = buffers;
        this.writer = writer;
        this.begin = begin;
        this.dispatches = dispatches;
        this.decodeRows = decodeRows;
        this.readback = readback;
        this.pageCopy = pageCopy;
        pool = new KvPool(limits.kvPages(), this::copyPage);
        vocabSize = vocabSize(graph);
    }

    private static int vocabSize(Graph graph) {
        for (Op op : graph.ops()) {
            if (op instanceof Op.Embed embed && embed.index().kind() == Op.Index.Kind.TOKEN) {
                return embed.table().shape().extent(0);
            }
        }
        return Integer.MAX_VALUE;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public KvPool kvPool() {
        return pool;
    }

    @Override
    public KvPages kvPages() {
        checkOpen();
        return graph.kv() == null ? null : new CachePages(buffers, readback, device.getQueue(), "webgpu " + limits.kvType() + " " + graph.kv());
    }

    Graph graph() {
        return graph;
    }

    @Override
    public Step submit(Batch batch) {
        checkOpen();
        writer.lanes().check(batch);
        FlatBatch flat = FlatBatch.of(batch, limits, pool, vocabSize);
        writer.write(flat, device.getQueue(), buffers.batch);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        keepLogits(encoder);
        GPUComputePassEncoder pass = encoder.beginComputePass();
        begin.encode(pass, flat.sequences);
        StepSize size = StepSize.of(flat);
        for (Dispatch dispatch : dispatches) {
            dispatch.encode(pass, size);
        }
        pass.end();
        int slot = graph.tokens() == null || flat.outputs == 0 ? -1 : readback.copyTokens(encoder, buffers.of(graph.tokens()), flat.outputs);
        device.getQueue().submit(encoder.finish());
        last = new WebGpuStep(this, flat, slot, last == null ? 0 : last.number() + 1);
        return last;
    }

    @Override
    public int decodeRows() {
        return decodeRows;
    }

    @Override
    public boolean isAsynchronous() {
        return true;
    }

    /** Logits that were asked for may be read until the next but one step: saves the last one's before this one writes over them. */
    private void keepLogits(GPUCommandEncoder encoder) {
        if (last != null && graph.logits() != null && last.wantsLogits()) {
            encoder.copyBufferToBuffer(buffers.of(graph.logits()), 0, buffers.previousLogits, 0,
                GraphBuffers.rowBytes(graph.logits()) * last.rows(graph.logits()));
        }
    }

    /** Rows of an output of the last step, or of logits that the one before was asked for. */
    float[] awaitRows(WebGpuStep step, Value output, int firstRow, int rows) {
        checkOpen();
        boolean kept = step.number() == last.number() - 1 && step.wantsLogits() && output.equals(graph.logits());
        if (step != last && !kept) {
            throw new IllegalStateException(output.name() + " of step " + step.number() + " is gone: step " + last.number() + " was submitted");
        }
        GPUBuffer source = step == last ? buffers.of(output) : buffers.previousLogits;
        long rowBytes = GraphBuffers.rowBytes(output);
        return readback.awaitFloats(source, firstRow * rowBytes, rows * rowBytes);
    }

    int[] awaitTokens(int slot, int rows) {
        checkOpen();
        return readback.awaitTokens(slot, rows);
    }

    @Override
    public void write(Value value, float[] data) {
        checkOpen();
        requireHostValue(value);
        long rowElements = GraphBuffers.rowBytes(value) / 4;
        if (4L * data.length > buffers.bytes(value) || data.length % rowElements != 0) {
            throw new IllegalArgumentException(data.length + " elements do not fit value " + value + " (" + value.name() + ") " + value.shape());
        }
        if (value.equals(graph.tokens())) {
            var tokens = new Int32Array(data.length);
            for (int i = 0; i < data.length; i++) {
                tokens.set(i, (int) data[i]);
            }
            device.getQueue().writeBuffer(buffers.of(value), 0, tokens, 0, data.length);
        } else {
            device.getQueue().writeBuffer(buffers.of(value), 0, Float32Array.copyFromJavaArray(data), 0, data.length);
        }
    }

    @Override
    public float[] awaitRead(Value value) {
        checkOpen();
        requireHostValue(value);
        GPUBuffer buffer = buffers.of(value);
        return value.equals(graph.tokens()) ? WebGpuStep.toFloats(readback.awaitInts(buffer, buffers.bytes(value)))
            : readback.awaitFloats(buffer, 0, buffers.bytes(value));
    }

    private void requireHostValue(Value value) {
        if (!graph.inputs().contains(value) && !graph.outputs().contains(value)) {
            throw new IllegalArgumentException("value " + value + " (" + value.name() + ") is neither an input nor an output of the graph");
        }
    }

    /** Through a buffer between, because WebGPU does not copy within one. */
    private void copyPage(int from, int to) {
        GPUCommandEncoder encoder = device.createCommandEncoder();
        for (GPUBuffer layer : buffers.cache) {
            copyPage(encoder, layer, buffers.kvPageBytes(), from, to);
        }
        copyPage(encoder, buffers.texts, GraphBuffers.TEXT_PAGE_BYTES, from, to);
        device.getQueue().submit(encoder.finish());
    }

    private void copyPage(GPUCommandEncoder encoder, GPUBuffer buffer, long bytes, int from, int to) {
        encoder.copyBufferToBuffer(buffer, from * bytes, pageCopy, 0, bytes);
        encoder.copyBufferToBuffer(pageCopy, 0, buffer, to * bytes, bytes);
    }

    private void checkOpen() {
        state.check();
        if (closed) {
            throw new CremaException(ErrorCode.CLOSED, "The executable is closed.", "");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            buffers.free();
            readback.free();
            owner.forget(this);
        }
    }
}
