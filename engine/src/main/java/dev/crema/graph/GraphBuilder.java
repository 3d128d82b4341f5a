package dev.crema.graph;

import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.List;

/** Builds a graph op by op; each method adds one op and returns the value that it defines. {@link #build} verifies the whole. */
public final class GraphBuilder {
    private final String name;
    private final List<Value> inputs = new ArrayList<>();
    private final List<Op> ops = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private Value logits;
    private Value tokens;
    private KvLayout kv;
    private int nextId;

    public GraphBuilder(String name) {
        this.name = name;
    }

    /** A value that the host writes before each step: {@code [tokens, channels]} or {@code [outputs, channels]}. Inputs come before all ops. */
    public Value input(String name, Shape shape) {
        Value value = value(name, DType.F32, shape);
        inputs.add(value);
        return value;
    }

    /** [tokens, hidden] */
    public Value embed(String name, Weight table) {
        return embed(name, table, Op.Index.TOKEN);
    }

    /** [tokens, hidden] */
    public Value embed(String name, Weight table, Op.Index index) {
        Value out = value(name, DType.F32, Shape.of(Shape.TOKENS, table.shape().last()));
        return add(new Op.Embed(table, index, out));
    }

    public Value rmsNorm(String name, Value x, Weight weight, float eps) {
        return add(new Op.RmsNorm(x, weight, eps, value(name, DType.F32, x.shape())));
    }

    /** {@code weight} and {@code bias} may be null. */
    public Value layerNorm(String name, Value x, Weight weight, Weight bias, float eps) {
        return add(new Op.LayerNorm(x, weight, bias, eps, value(name, DType.F32, x.shape())));
    }

    /** {@code bias} may be null. */
    public Value matMul(String name, Value x, Weight weight, Weight bias) {
        Value out = value(name, DType.F32, Shape.of(x.shape().extent(0), weight.shape().extent(0)));
        return add(new Op.MatMul(x, weight, bias, out));
    }

    /** {@code factors} may be null. */
    public Value rope(String name, Value x, int headDim, RopeTable table, Weight factors) {
        return add(new Op.Rope(x, headDim, table, factors, value(name, DType.F32, x.shape())));
    }

    public Value attention(String name, Value q, Value k, Value v, int layer, int heads, int kvHeads, int headDim, float scale, int window) {
        return attention(name, q, k, v, layer, heads, kvHeads, headDim, scale, window, 0, null);
    }

    /** {@code softcap} may be 0 and {@code sinks} null. */
    public Value attention(String name, Value q, Value k, Value v, int layer, int heads, int kvHeads, int headDim, float scale, int window,
            float softcap, Weight sinks) {
        return add(new Op.Attention(q, k, v, layer, heads, kvHeads, headDim, scale, window, softcap, sinks, true, value(name, DType.F32, q.shape())));
    }

    /** Of k and v in one: the first channels of each head of k, as many as the KV layout says, are v. */
    public Value latentAttention(String name, Value q, Value k, int layer, int heads, int kvHeads, int headDim, float scale) {
        int channels = kv == null ? q.channels() : heads * kv.valueDim();
        Value out = value(name, DType.F32, Shape.of(q.shape().extent(0), channels));
        return add(new Op.Attention(q, k, null, layer, heads, kvHeads, headDim, scale, 0, 0, null, true, out));
    }

    /** Of encoders: a token sees its whole text. */
    public Value attentionToAll(String name, Value q, Value k, Value v, int layer, int heads, int kvHeads, int headDim, float scale) {
        return add(new Op.Attention(q, k, v, layer, heads, kvHeads, headDim, scale, 0, 0, null, false, value(name, DType.F32, q.shape())));
    }

    public Value gated(String name, Value gate, Value up, Activation activation) {
        return add(new Op.Gated(gate, up, activation, value(name, DType.F32, gate.shape())));
    }

    public Value activate(String name, Value x, Activation activation) {
        return activate(name, x, activation, 1, 1);
    }

    /** {@code factor * x}; x itself where the factor is 1. */
    public Value scale(String name, Value x, double factor) {
        return factor == 1 ? x : activate(name, x, Activation.IDENTITY, 1, (float) factor);
    }

    /** {@code cap * tanh(x / cap)}; x itself where the cap is 0. */
    public Value softcap(String name, Value x, double cap) {
        return cap == 0 ? x : activate(name, x, Activation.TANH, (float) (1 / cap), (float) cap);
    }

    public Value activate(String name, Value x, Activation activation, float inner, float outer) {
        return add(new Op.Activate(x, activation, inner, outer, value(name, DType.F32, x.shape())));
    }

    public Value add(String name, Value a, Value b) {
        return add(new Op.Add(a, b, value(name, DType.F32, a.shape())));
    }

    /** Of each head a's channels, then b's. */
    public Value join(String name, Value a, Value b, int heads) {
        return add(new Op.Join(a, b, heads, value(name, DType.F32, Shape.of(a.shape().extent(0), a.channels() + b.channels()))));
    }

    /** {@code bias} (of the choice alone) may be null. */
    public Value route(String name, Value scores, Weight bias, Routing routing) {
        Value out = value(name, DType.F32, Shape.of(scores.shape().extent(0), 2 * routing.topK()));
        return add(new Op.Route(scores, bias, routing, out));
    }

    /** {@code bias} may be null. */
    public Value expertMatMul(String name, Value x, Value routes, Weight weight, Weight bias) {
        Value out = value(name, DType.F32, Shape.of(x.shape().extent(0), routes.channels() / 2 * weight.shape().extent(1)));
        return add(new Op.ExpertMatMul(x, routes, weight, bias, out));
    }

    public Value expertSum(String name, Value x, Value routes) {
        Value out = value(name, DType.F32, Shape.of(x.shape().extent(0), x.channels() / (routes.channels() / 2)));
        return add(new Op.ExpertSum(x, routes, out));
    }

    public Value selectRows(String name, Value x) {
        return add(new Op.SelectRows(x, value(name, DType.F32, Shape.of(Shape.OUTPUTS, x.channels()))));
    }

    public Value sample(String name, Value logits) {
        return add(new Op.Sample(logits, value(name, DType.I32, Shape.of(Shape.OUTPUTS))));
    }

    /** {@code norm} and {@code residual} may be null; {@code selects} leads from the rows of tokens to those of outputs. */
    public Value project(String name, Value x, Op.PreNorm norm, List<Op.Linear> linears, Value residual, boolean selects) {
        int features = 0;
        for (Op.Linear linear : linears) {
            features = Math.addExact(features, linear.features());
        }
        Value out = value(name, DType.F32, Shape.of(selects ? Shape.OUTPUTS : x.shape().extent(0), features));
        return add(new Op.Project(x, norm, linears, residual, out));
    }

    /** {@code norm} may be null. */
    public Value gatedProject(String name, Value x, Op.PreNorm norm, Op.Linear gate, Op.Linear up, Activation activation) {
        Value out = value(name, DType.F32, Shape.of(x.shape().extent(0), gate.features()));
        return add(new Op.GatedProject(x, norm, gate, up, activation, out));
    }

    /** As {@code like} but for its values. */
    public Value rotaryAttention(String name, Value qkv, Op.RotaryAttention like) {
        Value out = value(name, DType.F32, Shape.of(Shape.TOKENS, like.heads() * like.headDim()));
        return add(new Op.RotaryAttention(qkv, like.qNorm(), like.kNorm(), like.table(), like.factors(), like.layer(), like.heads(), like.kvHeads(),
            like.headDim(), like.scale(), like.window(), like.softcap(), like.sinks(), out));
    }

    /** Keeps a value readable after the step. */
    public GraphBuilder output(Value value) {
        outputs.add(value);
        return this;
    }

    public GraphBuilder kv(KvLayout layout) {
        kv = layout;
        return this;
    }

    /** Names the logits, adds the op that samples them, and builds. */
    public Graph buildWithSampling(Value logits) {
        this.logits = logits;
        this.tokens = sample("tokens", logits);
        outputs.add(logits);
        outputs.add(tokens);
        return build();
    }

    /** Builds a graph whose logits and tokens (either may be null) have been made already. */
    public Graph build(Value logits, Value tokens) {
        this.logits = logits;
        this.tokens = tokens;
        return build();
    }

    public Graph build() {
        Graph graph = new Graph(name, inputs, ops, outputs, logits, tokens, kv);
        Verifier.verify(graph);
        return graph;
    }

    private Value add(Op op) {
        ops.add(op);
        return op.out();
    }

    private Value value(String name, DType dtype, Shape shape) {
        return new Value(nextId++, name, dtype, shape);
    }
}
