package dev.crema.jvm.vector;

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
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A graph as a list of kernels over arrays; a step runs them one after the other, each on all threads. */
final class VectorExecutable implements Executable {
    private record AnglesKey(RopeTable table, Weight factors) { }

    private final VectorDevice device;
    private final Graph graph;
    private final Limits limits;
    private final HostBuffers buffers;
    private final PanelCache cache;
    private final HostTexts texts;
    private final KvPool pool;
    private final Workers workers;
    private final Scratch[] scratch;
    private final RowTiles tiles = new RowTiles();
    private final IntTiles ints = new IntTiles();
    /** Rows in whole numbers, by channels: mat-muls run one after the other. */
    private final Map<Integer, IntRows> few = new HashMap<>();
    private final Map<AnglesKey, Angles> angles = new HashMap<>();
    private final Kernel[] kernels;
    private final LateWeights late;
    private final Warmup warmup;
    private final boolean anyPacked;
    /** A step with more is computed by the kernels for many. */
    private final int fewRows;
    private boolean closed;

    VectorExecutable(VectorDevice device, Graph graph, Limits limits, Workers workers, LateWeights late, Warmup warmup) {
        this.device = device;
        this.graph = Schedule.of(graph);
        this.limits = limits;
        this.workers = workers;
        this.late = late;
        this.warmup = warmup;
        buffers = new HostBuffers(this.graph, limits);
        cache = graph.kv() == null ? null : PanelCache.of(graph.kv(), limits.kvPages(), limits.kvType());
        texts = new HostTexts(limits);
        pool = new KvPool(limits.kvPages(), this::copyPage);
        scratch = new Scratch[workers.count()];
        for (int i = 0; i < scratch.length; i++) {
            scratch[i] = cache == null ? new Scratch(0) : new Scratch(limits.contextLength(), graph.kv().headDim());
        }
        List<Op> ops = this.graph.ops();
        var list = new ArrayList<Kernel>();
        for (int i = 0; i < ops.size(); ) {
            int end = i + 1;
            while (end < ops.size() && Schedule.sameX(ops.get(i), ops.get(end))) {
                end++;
            }
            list.add(kernel(ops.subList(i, end), list));
            i = end;
        }
        kernels = list.toArray(Kernel[]::new);
        List<Matrix> matrices = matrices(ops);
        anyPacked = matrices.stream().anyMatch(Matrix::packed);
        fewRows = MatMulKernel.fewRows(matrices);
        warmup.formatsOf(matrices);
        warmup.preparePrompts();
    }

    @Override
    public KvPages kvPages() {
        return cache == null ? null : new CachePages(cache, texts, "vector " + limits.kvType() + " " + graph.kv());
    }

    private void copyPage(int from, int to) {
        texts.copyPage(from, to);
        if (cache != null) {
            cache.copyPage(from, to);
        }
    }

    private List<Matrix> matrices(List<Op> ops) {
        var matrices = new ArrayList<Matrix>();
        for (Op op : ops) {
            if (op instanceof Op.MatMul matMul) {
                matrices.add(device.matrix(matMul.weight()));
            } else if (op instanceof Op.ExpertMatMul matMul) {
                matrices.add(device.matrices(matMul.weight())[0]);
            }
        }
        return matrices;
    }

    /** Several ops are mat-muls of the same x. What has to run before is added to {@code before}. */
    private Kernel kernel(List<Op> ops, List<Kernel> before) {
        float[] out = buffers.of(ops.get(0).out());
        return switch (ops.get(0)) {
            case Op.Embed op -> RowKernel.embed(op.out(), device.matrix(op.table()), op.index(), out);
            case Op.RmsNorm op -> RowKernel.rmsNorm(op.out(), buffers.of(op.x()), device.vector(op.weight()), op.eps(), out);
            case Op.LayerNorm op -> RowKernel.layerNorm(op, buffers.of(op.x()), device.vector(op.weight()), device.vector(op.bias()), out);
            case Op.MatMul op -> matMul(op.x(), ops, before);
            case Op.Rope op -> new RopeKernel(op, angles(op), buffers.of(op.x()), out);
            case Op.Attention op -> new AttentionKernel(op, buffers.of(op.q()), buffers.of(op.k()), op.v() == null ? null : buffers.of(op.v()),
                device.vector(op.sinks()), out, cache, scratch, limits.maxSequences());
            case Op.Gated op -> RowKernel.gated(op.out(), op.activation(), buffers.of(op.gate()), buffers.of(op.up()), out);
            case Op.Activate op -> RowKernel.activate(op, buffers.of(op.x()), out);
            case Op.Add op -> RowKernel.add(op.out(), buffers.of(op.a()), buffers.of(op.b()), out);
            case Op.Join op -> RowKernel.join(op, buffers.of(op.a()), buffers.of(op.b()), out);
            case Op.Route op -> new RouteKernel(op, device.vector(op.bias()), buffers.of(op.scores()), out);
            case Op.ExpertMatMul op -> expertMatMul(op, out, before);
            case Op.ExpertSum op -> RowKernel.expertSum(op.out(), buffers.of(op.x()), buffers.of(op.routes()), op.routes().channels() / 2, out);
            case Op.SelectRows op -> RowKernel.select(op.out(), buffers.of(op.x()), out);
            case Op.Sample op -> new SampleKernel(op, buffers.of(op.logits()), buffers.tokens(), texts, workers.count());
            // Fusing is a device's own choice when it compiles, and this one's kernels are those of the plain ops.
            case Op.Fused op -> throw new IllegalArgumentException("the vector device compiles plain graphs, and " + op.out().name() + " is fused");
        };
    }

    /** For weights that all have so many columns; at most {@code mostFew} rows are few. */
    private Operand operand(Value x, int channels, Matrix[] weights, int mostFew) {
        float[] xs = buffers.of(x);
        return new Operand(xs, tiles, ints, few(Math.min(mostFew, xs.length / channels), channels, weights));
    }

    private IntRows few(int count, int channels, Matrix[] weights) {
        if (Arrays.stream(weights).noneMatch(Matrix::packed)) {
            return null;
        }
        IntRows rows = few.get(channels);
        if (rows == null || rows.rows < count) {
            rows = new IntRows(count, channels);
            few.put(channels, rows);
        }
        return rows;
    }

    private Kernel matMul(Value x, List<Op> ops, List<Kernel> before) {
        var parts = new MatMulKernel.Part[ops.size()];
        for (int i = 0; i < parts.length; i++) {
            var op = (Op.MatMul) ops.get(i);
            parts[i] = new MatMulKernel.Part(device.matrix(op.weight()), device.vector(op.bias()), buffers.of(op.out()));
        }
        Matrix[] weights = Arrays.stream(parts).map(MatMulKernel.Part::weight).toArray(Matrix[]::new);
        Operand operand = operand(x, x.channels(), weights, MatMulKernel.PACKED_ROWS);
        before.add(new TileKernel(x, operand, weights, scratch));
        return new MatMulKernel(x, operand, parts, weights, scratch);
    }

    private Kernel expertMatMul(Op.ExpertMatMul op, float[] out, List<Kernel> before) {
        Matrix[] matrices = device.matrices(op.weight());
        var parts = new MatMulKernel.Part[matrices.length];
        for (int expert = 0; expert < parts.length; expert++) {
            parts[expert] = new MatMulKernel.Part(matrices[expert], device.vector(op.bias(), expert), out);
        }
        int channels = op.weight().shape().last();
        Operand operand = operand(op.x(), channels, matrices, Integer.MAX_VALUE);
        var rows = new ExpertRows(op.routes(), buffers.of(op.routes()), operand, op.x().channels() == channels, parts.length, matrices[0], scratch);
        before.add(rows);
        return new ExpertKernel(rows, operand, parts, scratch);
    }

    private Angles angles(Op.Rope op) {
        return angles.computeIfAbsent(new AnglesKey(op.table(), op.factors()),
            key -> new Angles(op.table(), device.vector(op.factors()), limits.maxTokens()));
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public KvPool kvPool() {
        return pool;
    }

    /** Packed weights meet few rows in other loops than many, and many as floats where quants have more than four bits. */
    @Override
    public int decodeRows() {
        return anyPacked ? MatMulKernel.PACKED_ROWS : Integer.MAX_VALUE;
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
        warmup.await(batch.prefill() || flat.tokens > fewRows);
        try {
            late.stepBegins();
            run(flat);
        } finally {
            late.stepEnds();
        }
        warmup.stepEnds();
        return buffers.snapshot(flat);
    }

    /** All that a step computes; allocates nothing when all weights are packed. */
    void run(FlatBatch flat) {
        texts.begin(flat, buffers.tokens());
        for (Kernel kernel : kernels) {
            late.lend(kernel.weights());
            workers.run(kernel.prepare(flat), kernel);
        }
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
