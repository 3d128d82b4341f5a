package dev.crema.web.wasm;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.device.HostTexts;
import dev.crema.device.KvPages;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;

/** A graph as a program in the linear memory; a step writes the batch, has the program run and samples. */
final class WasmExecutable implements Executable {
    private final WasmDevice device;
    private final Graph graph;
    private final Limits limits;
    private final KernelHost host;
    private final Region region;
    private final Lowering code;
    private final Sampling sampling;
    private final HostTexts texts;
    private final KvPool pool;
    private final int vocabSize;
    private WasmStep last;
    private boolean closed;

    WasmExecutable(WasmDevice device, Graph graph, Limits limits, KernelHost host, WasmWeights weights, Region region) {
        this.device = device;
        this.graph = graph;
        this.limits = limits;
        this.host = host;
        this.region = region;
        code = new Lowering(host, weights, graph, limits, region);
        texts = new HostTexts(limits);
        sampling = new Sampling(host, graph, limits, code, region, texts);
        code.scratch.place(region);
        pool = new KvPool(limits.kvPages(), this::copyPage);
        vocabSize = HostBuffers.vocabSize(graph);
    }

    private void copyPage(int from, int to) {
        texts.copyPage(from, to);
        if (code.cache != null) {
            code.cache.copyPage(from, to, code.scratch);
        }
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
        return code.cache == null ? null : new CachePages(code.cache, host, texts, "wasm " + limits.kvType() + " " + graph.kv());
    }

    @Override
    public void write(Value value, float[] data) {
        checkOpen();
        requireHostValue(value);
        int channels = code.values.channels(value);
        if (data.length > code.values.maxRows(value) * channels || data.length % channels != 0) {
            throw new IllegalArgumentException(data.length + " elements do not fit value " + value + " (" + value.name() + ") " + value.shape());
        }
        if (value.equals(graph.tokens())) {
            sampling.write(data);
        } else {
            code.values.write(value, data);
        }
    }

    @Override
    public float[] awaitRead(Value value) {
        checkOpen();
        requireHostValue(value);
        return value.equals(graph.tokens()) ? sampling.read(limits.maxOutputs()) : code.values.read(value, code.values.maxRows(value));
    }

    private void requireHostValue(Value value) {
        if (!graph.inputs().contains(value) && !graph.outputs().contains(value)) {
            throw new IllegalArgumentException("value " + value + " (" + value.name() + ") is neither an input nor an output of the graph");
        }
    }

    @Override
    public Step submit(Batch batch) {
        checkOpen();
        FlatBatch flat = FlatBatch.of(batch, limits, pool, vocabSize);
        texts.begin(flat, sampling.tokens());
        code.run(flat);
        sampling.run(flat);
        last = new WasmStep(this, graph, flat, sampling.take(flat.outputs), logitsAsked(flat));
        return last;
    }

    /** The rows of logits that the host wants, read at once because the next step writes over them. */
    private float[] logitsAsked(FlatBatch flat) {
        int wanted = 0;
        for (boolean wants : flat.wantsLogits) {
            wanted += wants ? 1 : 0;
        }
        if (graph.logits() == null || wanted == 0) {
            return new float[0];
        }
        int vocab = graph.logits().channels();
        float[] rows = new float[wanted * vocab];
        int to = 0;
        for (int row = 0; row < flat.outputs; row++) {
            if (flat.wantsLogits[row]) {
                System.arraycopy(sampling.logits(row), 0, rows, to, vocab);
                to += vocab;
            }
        }
        return rows;
    }

    /** A value as the step made it, while no other was submitted. */
    float[] value(WasmStep step, Value value) {
        checkOpen();
        if (step != last) {
            throw new IllegalStateException(value.name() + " is gone: another step was submitted");
        }
        int rows = HostBuffers.rows(value, step.batch());
        return value.equals(graph.tokens()) ? sampling.read(rows) : code.values.read(value, rows);
    }

    private void checkOpen() {
        device.checkOpen();
        if (closed) {
            throw new CremaException(ErrorCode.CLOSED, "The executable is closed.", "");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            region.free();
            device.forget(this);
        }
    }
}
