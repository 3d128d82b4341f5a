package dev.crema.graph;

import dev.crema.tensor.DType;

/** What the ops of a mixture of experts ask of their operands. */
final class ExpertRules {
    /** A group is a bit of a word where devices choose among them. */
    private static final int MOST_GROUPS = 32;

    private final Verifier verifier;

    ExpertRules(Verifier verifier) {
        this.verifier = verifier;
    }

    void route(Op.Route op) {
        Routing routing = op.routing();
        int experts = op.scores().channels();
        require(routing != null && routing.scoring() != null, "there is no scoring");
        require(routing.scale() - routing.scale() == 0, "the scale is " + routing.scale());
        require(routing.groups() > 0 && routing.groups() <= MOST_GROUPS && experts % routing.groups() == 0, experts + " experts do not make "
            + routing.groups() + " groups (at most " + MOST_GROUPS + ")");
        int size = experts / routing.groups();
        require(routing.keptGroups() > 0 && routing.keptGroups() <= routing.groups(), routing.keptGroups() + " of " + routing.groups()
            + " groups are kept");
        require(routing.groupBest() == 1 || routing.groupBest() == 2 && size > 1, "groups of " + size + " experts are ordered by "
            + routing.groupBest());
        int eligible = size * routing.keptGroups();
        require(routing.topK() > 0 && routing.topK() <= eligible, routing.topK() + " of " + eligible + " experts are taken");
        sameRows(op.out(), op.scores());
        channels(op.out(), 2L * routing.topK());
        if (op.bias() != null) {
            bias(op.bias());
            require(op.bias().shape().rank() == 1 && op.bias().shape().last() == experts, "bias " + op.bias() + " does not fit " + experts + " experts");
        }
    }

    void matMul(Op.ExpertMatMul op) {
        Op.Route route = verifier.routeOf(op.routes());
        int experts = route.scores().channels();
        int topK = route.routing().topK();
        Weight weight = op.weight();
        require(weight.shape().rank() == 3, "weight " + weight + " must be a stack of matrices");
        require(weight.dtype() != DType.I8 && weight.dtype() != DType.I16 && weight.dtype() != DType.I32 && weight.dtype() != DType.I64,
            "weight " + weight + " is of integers");
        require(weight.shape().extent(0) == experts, "weight " + weight + " is of " + weight.shape().extent(0) + " experts, but " + op.routes()
            + " chooses among " + experts);
        int in = weight.shape().last();
        require(op.x().channels() == in || op.x().channels() == (long) topK * in, "weight " + weight + " reads " + in + " channels, but " + op.x()
            + " has " + op.x().channels() + " for " + topK + " experts");
        sameRows(op.x(), op.routes());
        sameRows(op.out(), op.routes());
        channels(op.out(), (long) topK * weight.shape().extent(1));
        if (op.bias() != null) {
            bias(op.bias());
            require(op.bias().shape().rank() == 2 && op.bias().shape().extent(0) == experts && op.bias().shape().last() == weight.shape().extent(1),
                "bias " + op.bias() + " does not fit " + weight);
        }
    }

    void sum(Op.ExpertSum op) {
        int topK = verifier.routeOf(op.routes()).routing().topK();
        sameRows(op.x(), op.routes());
        sameRows(op.out(), op.routes());
        require(op.x().channels() == (long) topK * op.out().channels(), op.x() + " has " + op.x().channels() + " channels, expected " + topK
            + " times " + op.out().channels());
    }

    private void sameRows(Value a, Value b) {
        require(a.shape().extent(0) == b.shape().extent(0), a + " is " + a.shape() + ", but " + b + " is " + b.shape());
    }

    private void channels(Value value, long channels) {
        require(value.channels() == channels, value + " has " + value.channels() + " channels, expected " + channels);
    }

    private void bias(Weight weight) {
        DType dtype = weight.dtype();
        require(dtype == DType.F32 || dtype == DType.F16 || dtype == DType.BF16, "weight " + weight + " must be f32, f16 or bf16");
    }

    private void require(boolean holds, String otherwise) {
        verifier.require(holds, otherwise);
    }
}
