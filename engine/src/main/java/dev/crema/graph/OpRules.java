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
            case Op.MatMul matMul -> matMul(matMul);
            case Op.Rope rope -> rope(rope);
            case Op.Attention attention -> attention(attention);
            case Op.Gated gated -> {
                same(gated.gate(), gated.up());
                same(gated.gate(), gated.out());
                require(gated.activation() != null, "there is no activation");
            }
            case Op.Add add -> {
                same(add.a(), add.b());
                same(add.a(), add.out());
            }
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
        }
    }

    private void embed(Op.Embed op) {
        matrix(op.table());
        rows(op.out(), Shape.TOKENS);
        channels(op.out(), op.table().shape().last());
    }

    private void rmsNorm(Op.RmsNorm op) {
        vector(op.weight());
        same(op.x(), op.out());
        int group = op.weight().shape().last();
        require(op.x().channels() % group == 0, op.x().channels() + " channels are no whole number of groups of " + group + " ("
            + op.weight() + ")");
        require(op.eps() >= 0 && op.eps() < Float.POSITIVE_INFINITY, "eps is " + op.eps());
    }

    private void matMul(Op.MatMul op) {
        matrix(op.weight());
        int features = op.weight().shape().extent(0);
        require(op.weight().shape().last() == op.x().channels(), "weight " + op.weight() + " reads " + op.weight().shape().last()
            + " channels, but " + op.x() + " has " + op.x().channels());
        channels(op.out(), features);
        rows(op.out(), op.x().shape().extent(0));
        if (op.bias() != null) {
            vector(op.bias());
            require(op.bias().shape().last() == features, "bias " + op.bias() + " does not fit " + features + " features");
        }
    }

    private void rope(Op.Rope op) {
        rows(op.x(), Shape.TOKENS);
        same(op.x(), op.out());
        heads(op.x(), op.headDim());
        RopeTable table = op.table();
        require(table.rotaryDim() <= op.headDim(), "the table turns " + table.rotaryDim() + " channels of heads of " + op.headDim());
        require(finite(table.magnitude()), "the magnitude is " + table.magnitude());
        for (float frequency : table.inverseFrequencies()) {
            require(finite(frequency), "a frequency is " + frequency);
        }
        if (op.factors() != null) {
            vector(op.factors());
            require(op.factors().shape().last() == table.rotaryDim() / 2, "factors " + op.factors() + " do not fit "
                + table.rotaryDim() / 2 + " pairs");
        }
    }

    private void attention(Op.Attention op) {
        KvLayout kv = verifier.kvLayout();
        require(kv != null, "the graph has no KV layout");
        require(op.kvHeads() == kv.kvHeads() && op.headDim() == kv.headDim(), op.kvHeads() + " kv heads of " + op.headDim()
            + " do not match the KV layout's " + kv.kvHeads() + " of " + kv.headDim());
        require(op.heads() > 0 && op.heads() % op.kvHeads() == 0, op.heads() + " heads cannot share " + op.kvHeads() + " kv heads evenly");
        rows(op.q(), Shape.TOKENS);
        rows(op.k(), Shape.TOKENS);
        rows(op.v(), Shape.TOKENS);
        channels(op.q(), (long) op.heads() * op.headDim());
        channels(op.k(), (long) op.kvHeads() * op.headDim());
        channels(op.v(), (long) op.kvHeads() * op.headDim());
        same(op.q(), op.out());
        require(finite(op.scale()), "the scale is " + op.scale());
        require(op.window() >= 0, "the window is " + op.window());
        require(op.softcap() >= 0 && finite(op.softcap()), "the soft cap is " + op.softcap());
        if (op.sinks() != null) {
            vector(op.sinks());
            require(op.sinks().shape().last() == op.heads(), "sinks " + op.sinks() + " do not fit " + op.heads() + " heads");
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
