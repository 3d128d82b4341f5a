package dev.crema.graph;

import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

/** What each op asks of its operands; one method an op. */
final class OpRules {
    private final Verifier verifier;

    OpRules(Verifier verifier) {
        this.verifier = verifier;
    }

    void check(Op op) {
        for (Value operand : Operands.of(op)) {
            verifier.matrix(operand);
        }
        if (!(op instanceof Op.Sample)) {
            verifier.matrix(op.out());
        }
        switch (op) {
            case Op.Embed embed -> embed(embed);
            case Op.RmsNorm norm -> rmsNorm(norm);
            case Op.LayerNorm norm -> layerNorm(norm);
            case Op.MatMul matMul -> matMul(matMul);
            case Op.Rope rope -> rope(rope);
            case Op.Attention attention -> attention(attention);
            case Op.Gated gated -> {
                same(gated.gate(), gated.up());
                same(gated.gate(), gated.out());
                require(gated.activation() != null, "there is no activation");
            }
            case Op.Activate activate -> {
                same(activate.x(), activate.out());
                require(activate.activation() != null, "there is no activation");
                require(finite(activate.inner()) && finite(activate.outer()), "the factors are " + activate.inner() + " and " + activate.outer());
            }
            case Op.Add add -> {
                same(add.a(), add.b());
                same(add.a(), add.out());
            }
            case Op.Join join -> join(join);
            case Op.Route route -> new ExpertRules(verifier).route(route);
            case Op.ExpertMatMul matMul -> new ExpertRules(verifier).matMul(matMul);
            case Op.ExpertSum sum -> new ExpertRules(verifier).sum(sum);
            case Op.SelectRows select -> {
                rows(select.x(), Shape.TOKENS);
                rows(select.out(), Shape.OUTPUTS);
                channels(select.out(), select.x().channels());
            }
            case Op.Sample sample -> {
                rows(sample.logits(), Shape.OUTPUTS);
                require(sample.out().dtype() == DType.I32 && sample.out().shape().equals(Shape.of(Shape.OUTPUTS)), "the tokens are "
                    + GraphText.declaration(sample.out()) + ", expected i32[outputs]");
            }
            case Op.Project project -> project(project);
            case Op.GatedProject gated -> gatedProject(gated);
            case Op.RotaryAttention attention -> rotaryAttention(attention);
        }
    }

    private void project(Op.Project op) {
        preNorm(op.norm(), op.x().channels());
        require(!op.linears().isEmpty(), "there is no weight");
        long features = 0;
        for (Op.Linear linear : op.linears()) {
            linear(linear, op.x());
            features += linear.features();
        }
        channels(op.out(), features);
        if (op.selects()) {
            rows(op.x(), Shape.TOKENS);
            rows(op.out(), Shape.OUTPUTS);
        }
        if (op.residual() != null) {
            same(op.residual(), op.out());
        }
    }

    private void gatedProject(Op.GatedProject op) {
        preNorm(op.norm(), op.x().channels());
        linear(op.gate(), op.x());
        linear(op.up(), op.x());
        require(op.gate().features() == op.up().features(), "gate has " + op.gate().features() + " features and up " + op.up().features());
        channels(op.out(), op.gate().features());
        rows(op.out(), op.x().shape().extent(0));
        require(op.activation() != null, "there is no activation");
    }

    private void rotaryAttention(Op.RotaryAttention op) {
        require(verifier.kvLayout() == null || !verifier.kvLayout().isLatent(), "q, k and v side by side, and the KV layout keeps k alone");
        shared(op.kvHeads(), op.heads(), op.headDim(), op.scale(), op.window(), op.softcap(), op.sinks());
        rows(op.qkv(), Shape.TOKENS);
        rows(op.out(), Shape.TOKENS);
        channels(op.qkv(), ((long) op.heads() + 2L * op.kvHeads()) * op.headDim());
        channels(op.out(), (long) op.heads() * op.headDim());
        preNorm(op.qNorm(), op.headDim());
        preNorm(op.kNorm(), op.headDim());
        require(op.table() != null || op.factors() == null, "there are factors " + op.factors() + " and no rotation");
        if (op.table() != null) {
            table(op.table(), op.headDim(), op.factors());
        }
    }

    private void preNorm(Op.PreNorm norm, int channels) {
        if (norm != null) {
            vector(norm.weight());
            require(norm.weight().shape().last() == channels, "norm " + norm.weight() + " does not fit " + channels + " channels");
            eps(norm.eps());
        }
    }

    private void embed(Op.Embed op) {
        matrix(op.table());
        rows(op.out(), Shape.TOKENS);
        channels(op.out(), op.table().shape().last());
        require(op.index() != null && op.index().kind() != null, "there is no index");
        int offset = op.index().offset();
        require(offset >= 0 && offset < op.table().shape().extent(0), "the offset is " + offset + " in a table of " + op.table().shape().extent(0) + " rows");
    }

    private void rmsNorm(Op.RmsNorm op) {
        vector(op.weight());
        same(op.x(), op.out());
        int group = op.weight().shape().last();
        require(op.x().channels() % group == 0, op.x().channels() + " channels are no whole number of groups of " + group + " ("
            + op.weight() + ")");
        eps(op.eps());
    }

    private void layerNorm(Op.LayerNorm op) {
        same(op.x(), op.out());
        for (Weight weight : Operands.weightsOf(op)) {
            vector(weight);
            require(weight.shape().last() == op.x().channels(), weight + " does not fit " + op.x().channels() + " channels");
        }
        eps(op.eps());
    }

    private void eps(float eps) {
        require(eps >= 0 && eps < Float.POSITIVE_INFINITY, "eps is " + eps);
    }

    private void matMul(Op.MatMul op) {
        linear(new Op.Linear(op.weight(), op.bias()), op.x());
        channels(op.out(), op.weight().shape().extent(0));
        rows(op.out(), op.x().shape().extent(0));
    }

    private void linear(Op.Linear linear, Value x) {
        Weight weight = linear.weight();
        matrix(weight);
        require(weight.shape().last() == x.channels(), "weight " + weight + " reads " + weight.shape().last() + " channels, but " + x + " has "
            + x.channels());
        if (linear.bias() != null) {
            vector(linear.bias());
            require(linear.bias().shape().last() == linear.features(), "bias " + linear.bias() + " does not fit " + linear.features()
                + " features");
        }
    }

    private void join(Op.Join op) {
        require(op.heads() > 0, "there are " + op.heads() + " heads");
        for (Value part : Operands.of(op)) {
            rows(op.out(), part.shape().extent(0));
            require(part.channels() % op.heads() == 0, part + " has " + part.channels() + " channels for " + op.heads() + " heads");
        }
        channels(op.out(), (long) op.a().channels() + op.b().channels());
    }

    private void rope(Op.Rope op) {
        rows(op.x(), Shape.TOKENS);
        same(op.x(), op.out());
        heads(op.x(), op.headDim());
        table(op.table(), op.headDim(), op.factors());
    }

    private void table(RopeTable table, int headDim, Weight factors) {
        require(table.rotaryDim() <= headDim, "the table turns " + table.rotaryDim() + " channels of heads of " + headDim);
        require(finite(table.magnitude()), "the magnitude is " + table.magnitude());
        for (float frequency : table.inverseFrequencies()) {
            require(finite(frequency), "a frequency is " + frequency);
        }
        if (factors != null) {
            vector(factors);
            require(factors.shape().last() == table.rotaryDim() / 2, "factors " + factors + " do not fit " + table.rotaryDim() / 2 + " pairs");
        }
    }

    private void attention(Op.Attention op) {
        shared(op.kvHeads(), op.heads(), op.headDim(), op.scale(), op.window(), op.softcap(), op.sinks());
        rows(op.q(), Shape.TOKENS);
        rows(op.k(), Shape.TOKENS);
        rows(op.out(), Shape.TOKENS);
        channels(op.q(), (long) op.heads() * op.headDim());
        channels(op.k(), (long) op.kvHeads() * op.headDim());
        KvLayout kv = verifier.kvLayout();
        require(kv.isLatent() == (op.v() == null), op.v() == null ? "there is no v, and the KV layout keeps k and v"
            : "there is v, and the KV layout keeps k alone");
        if (op.v() != null) {
            rows(op.v(), Shape.TOKENS);
            channels(op.v(), (long) op.kvHeads() * op.headDim());
        }
        channels(op.out(), (long) op.heads() * kv.valueDim());
        require(op.causal() || op.window() == 0, "attention that is not causal has a window of " + op.window());
    }

    /** What both kinds of attention ask for. */
    private void shared(int kvHeads, int heads, int headDim, float scale, int window, float softcap, Weight sinks) {
        KvLayout kv = verifier.kvLayout();
        require(kv != null, "the graph has no KV layout");
        require(kvHeads == kv.kvHeads() && headDim == kv.headDim(), kvHeads + " kv heads of " + headDim
            + " do not match the KV layout's " + kv.kvHeads() + " of " + kv.headDim());
        require(heads > 0 && heads % kvHeads == 0, heads + " heads cannot share " + kvHeads + " kv heads evenly");
        require(finite(scale), "the scale is " + scale);
        require(window >= 0, "the window is " + window);
        require(softcap >= 0 && finite(softcap), "the soft cap is " + softcap);
        if (sinks != null) {
            vector(sinks);
            require(sinks.shape().last() == heads, "sinks " + sinks + " do not fit " + heads + " heads");
        }
    }

    private void heads(Value value, int headDim) {
        require(headDim > 0 && value.channels() % headDim == 0, value + " has " + value.channels() + " channels, no whole number of heads of "
            + headDim);
    }

    private void same(Value a, Value b) {
        require(a.shape().equals(b.shape()), a + " is " + a.shape() + ", but " + b + " is " + b.shape());
    }

    private void rows(Value value, int rows) {
        require(value.shape().extent(0) == rows, value + " is " + value.shape() + ", expected a row for each of the batch's "
            + (rows == Shape.TOKENS ? "tokens" : "outputs"));
    }

    private void channels(Value value, long channels) {
        require(value.channels() == channels, value + " has " + value.channels() + " channels, expected " + channels);
    }

    private void matrix(Weight weight) {
        require(weight.shape().rank() == 2, "weight " + weight + " must be a matrix");
        require(isReal(weight.dtype()), "weight " + weight + " is of integers");
    }

    /** Norms, biases and factors are short: devices keep them as floats, so block formats are not for them. */
    private void vector(Weight weight) {
        DType dtype = weight.dtype();
        require(weight.shape().rank() == 1, "weight " + weight + " must be a vector");
        require(dtype == DType.F32 || dtype == DType.F16 || dtype == DType.BF16, "weight " + weight + " must be f32, f16 or bf16");
    }

    private static boolean isReal(DType dtype) {
        return dtype != DType.I8 && dtype != DType.I16 && dtype != DType.I32 && dtype != DType.I64;
    }

    private static boolean finite(float value) {
        return value - value == 0;
    }

    private void require(boolean holds, String otherwise) {
        verifier.require(holds, otherwise);
    }
}
