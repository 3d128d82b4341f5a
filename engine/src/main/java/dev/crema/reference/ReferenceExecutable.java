package dev.crema.reference;

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
import dev.crema.graph.Op;
import dev.crema.graph.Value;
import dev.crema.sampling.Sampler;

/** Runs a graph op by op; a switch says which loop belongs to which op. */
final class ReferenceExecutable implements Executable {
    private final ReferenceDevice device;
    private final Graph graph;
    private final Limits limits;
    private final HostBuffers buffers;
    private final KvCache cache;
    private final HostTexts texts;
    private final KvPool pool;
    private final float[] scores;
    private final FusedOps fused;
    private final Sampler sampler = new Sampler();
    private boolean closed;

    ReferenceExecutable(ReferenceDevice device, Graph graph, Limits limits) {
        this.device = device;
        this.graph = graph;
        this.limits = limits;
        buffers = new HostBuffers(graph, limits);
        cache = new KvCache(graph.kv(), limits.kvPages(), limits.kvType());
        texts = new HostTexts(limits);
        pool = new KvPool(limits.kvPages(), (from, to) -> {
            cache.copyPage(from, to);
            texts.copyPage(from, to);
        });
        scores = new float[limits.contextLength()];
        fused = new FusedOps(device, buffers, cache, scores);
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
        return graph.kv() == null ? null : new CachePages(cache, texts, graph.kv(), limits.kvType());
    }

    @Override
    public void write(Value value, float[] data) {
        checkOpen();
        buffers.write(value, data);
    }

    @Override
    public float[] awaitRead(Value value) {
        checkOpen();
        return buffers.read(value);
    }

    @Override
    public Step submit(Batch batch) {
        checkOpen();
        FlatBatch flat = FlatBatch.of(batch, limits, pool, HostBuffers.vocabSize(graph));
        texts.begin(flat, buffers.tokens());
        for (Op op : graph.ops()) {
            run(op, flat);
        }
        return buffers.snapshot(flat);
    }

    private void run(Op op, FlatBatch batch) {
        float[] out = buffer(op.out());
        int rows = HostBuffers.rows(op.out(), batch);
        switch (op) {
            case Op.Embed embed -> Rows.embed(device.contents(embed.table()), embed.index(), batch, rows, embed.out().channels(), out);
            case Op.RmsNorm norm -> {
                float[] weight = device.contents(norm.weight());
                Norm.rmsNorm(buffer(norm.x()), weight, norm.eps(), rows * norm.x().channels() / weight.length, out);
            }
            case Op.LayerNorm norm -> Norm.layerNorm(buffer(norm.x()), device.contents(norm.weight()), device.contents(norm.bias()), norm.eps(), rows,
                norm.x().channels(), out);
            case Op.MatMul matMul -> Linear.matMul(buffer(matMul.x()), device.contents(matMul.weight()), device.contents(matMul.bias()), rows,
                matMul.x().channels(), matMul.out().channels(), out);
            case Op.Rope rope -> Rotary.rope(buffer(rope.x()), rope.headDim(), rope.table(), device.contents(rope.factors()), batch.positions, rows,
                rope.x().channels(), out);
            case Op.Attention attention -> {
                cache.append(attention.layer(), buffer(attention.k()), attention.v() == null ? null : buffer(attention.v()), batch);
                SelfAttention.attend(attention, buffer(attention.q()), device.contents(attention.sinks()), batch, cache.keys[attention.layer()],
                    cache.values[attention.layer()], scores, out);
            }
            case Op.Gated gated -> Pointwise.gated(buffer(gated.gate()), buffer(gated.up()), gated.activation(), rows * gated.out().channels(), out);
            case Op.Activate a -> Pointwise.activate(buffer(a.x()), a.activation(), a.inner(), a.outer(), rows * a.out().channels(), out);
            case Op.Add add -> Pointwise.add(buffer(add.a()), buffer(add.b()), rows * add.out().channels(), out);
            case Op.Join join -> Rows.join(buffer(join.a()), join.a().channels() / join.heads(), buffer(join.b()), join.b().channels() / join.heads(),
                rows * join.heads(), out);
            case Op.Route route -> new Router(route.routing(), route.scores().channels(), device.contents(route.bias()))
                .route(buffer(route.scores()), rows, out);
            case Op.ExpertMatMul matMul -> Experts.matMul(matMul, buffer(matMul.x()), buffer(matMul.routes()), device.contents(matMul.weight()),
                device.contents(matMul.bias()), rows, out);
            case Op.ExpertSum sum -> Experts.sum(buffer(sum.x()), buffer(sum.routes()), sum.routes().channels() / 2, rows, sum.out().channels(), out);
            case Op.SelectRows select -> Rows.select(buffer(select.x()), batch.outputTokens, rows, select.out().channels(), out);
            case Op.Sample sample -> sample(sample, batch);
            case Op.Fused group -> fused.run(group, batch);
        }
    }

    private void sample(Op.Sample op, FlatBatch batch) {
        for (int row = 0; row < batch.outputs; row++) {
            buffers.tokens()[row] = texts.sample(sampler, batch, row, buffer(op.logits()), op.logits().channels());
        }
    }

    private float[] buffer(Value value) {
        return buffers.of(value);
    }

    private void checkOpen() {
        device.checkOpen();
        if (closed) {
            throw new CremaException(ErrorCode.CLOSED, "The executable is closed.", "");
        }
    }

    @Override
    public void close() {
        closed = true;
        device.forget(this);
    }
}
