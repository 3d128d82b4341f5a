package dev.crema.graph;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The executable spec of the IR: what a graph must hold before any device sees it. The package's documentation says it in prose. */
public final class Verifier {
    private final Graph graph;
    private final Value[] defined;
    private final Set<String> names = new HashSet<>();
    private final Map<String, Weight> weights = new HashMap<>();
    private Op current;

    private Verifier(Graph graph) {
        this.graph = graph;
        defined = new Value[graph.size()];
    }

    /** Throws {@code INVALID_GRAPH}, naming the op and the numbers, where the graph breaks a rule of the IR. */
    public static void verify(Graph graph) {
        new Verifier(graph).run();
    }

    private void run() {
        require(graph.name() != null && !graph.name().isEmpty(), "a graph needs a name");
        require(graph.size() > 0, "there are neither inputs nor ops");
        int id = 0;
        for (Value input : graph.inputs()) {
            define(input, id++);
            matrix(input);
        }
        for (Op op : graph.ops()) {
            current = op;
            for (Value operand : Operands.of(op)) {
                used(operand);
            }
            for (Weight weight : Operands.weightsOf(op)) {
                weight(weight);
            }
            define(op.out(), id++);
            new OpRules(this).check(op);
            current = null;
        }
        outputs();
        sampling();
        kv();
    }

    private void define(Value value, int id) {
        require(value.id() == id, "value " + value + " stands where %" + id + " is due");
        require(value.name() != null && !value.name().isEmpty(), "value " + value + " has no name");
        require(names.add(value.name()), "two values are called " + value.name());
        defined[id] = value;
    }

    private void used(Value value) {
        require(value.id() >= 0 && value.id() < defined.length && defined[value.id()] != null, "value " + value + " is used before it is defined");
        require(value.equals(defined[value.id()]), "value " + GraphText.declaration(value) + " was defined as "
            + GraphText.declaration(defined[value.id()]));
    }

    private void weight(Weight weight) {
        Weight known = weights.putIfAbsent(weight.name(), weight);
        require(known == null || known.equals(weight), "weight " + weight + " is " + known + " elsewhere");
        require(!weight.shape().isSymbolic(), "weight " + weight + " has no fixed shape");
        require(weight.shape().rank() > 0, "weight " + weight + " is a single number");
        for (int i = 0; i < weight.shape().rank(); i++) {
            require(weight.shape().extent(i) > 0, "weight " + weight + " is empty");
        }
        int block = weight.dtype().blockSize();
        require(weight.shape().last() % block == 0, "weight " + weight + " has rows of " + weight.shape().last() + " elements, no whole number of "
            + weight.dtype() + " blocks of " + block);
    }

    /** {@code f32[tokens or outputs, channels]}. */
    void matrix(Value value) {
        require(value.dtype() == DType.F32 && value.shape().rank() == 2 && value.shape().isSymbolic() && value.channels() > 0, "value "
            + GraphText.declaration(value) + " must be f32 [tokens or outputs, channels]");
    }

    private void outputs() {
        var seen = new HashSet<Value>();
        for (Value output : graph.outputs()) {
            used(output);
            require(seen.add(output), "value " + output + " is an output twice");
        }
        require(!seen.isEmpty(), "there is no output");
    }

    private void sampling() {
        Op.Sample sample = null;
        for (Op op : graph.ops()) {
            if (op instanceof Op.Sample found) {
                require(sample == null, "tokens are sampled twice, as " + (sample == null ? "" : sample.out()) + " and " + found.out());
                sample = found;
            }
        }
        Value logits = graph.logits();
        if (sample == null) {
            require(graph.tokens() == null, "tokens are " + graph.tokens() + ", but no op samples them");
        } else {
            require(sample.out().equals(graph.tokens()), "tokens are " + graph.tokens() + ", but " + sample.out() + " is what is sampled");
            require(sample.logits().equals(logits), "logits are " + logits + ", but " + sample.logits() + " is what is sampled");
            require(graph.outputs().contains(graph.tokens()), "the tokens " + graph.tokens() + " are not among the outputs");
        }
        if (logits != null) {
            used(logits);
            require(graph.outputs().contains(logits), "the logits " + logits + " are not among the outputs");
            require(logits.shape().extent(0) == Shape.OUTPUTS, "the logits " + GraphText.declaration(logits) + " must have a row for each output");
        }
    }

    private void kv() {
        KvLayout kv = graph.kv();
        boolean[] filled = new boolean[kv == null ? 0 : Math.max(0, kv.layers())];
        require(kv == null || kv.layers() > 0 && kv.kvHeads() > 0 && kv.headDim() > 0, "the KV layout is empty: " + kv);
        require(kv == null || kv.latent() >= 0 && kv.latent() <= kv.headDim(), "of the KV layout's keys so many channels are no value: " + kv);
        for (Op op : graph.ops()) {
            if (op instanceof Op.Attention attention) {
                fill(filled, attention.layer(), op);
            } else if (op instanceof Op.RotaryAttention attention) {
                fill(filled, attention.layer(), op);
            }
        }
        for (int layer = 0; layer < filled.length; layer++) {
            require(filled[layer], "layer " + layer + " of the KV cache is never written");
        }
    }

    private void fill(boolean[] filled, int layer, Op op) {
        require(layer >= 0 && layer < filled.length, "attention " + op.out() + " is layer " + layer + " of " + filled.length);
        require(!filled[layer], "layer " + layer + " of the KV cache is written twice");
        filled[layer] = true;
    }

    KvLayout kvLayout() {
        return graph.kv();
    }

    /** The op that made {@code routes}; nothing else makes numbers that are sure to be experts. */
    Op.Route routeOf(Value routes) {
        for (Op op : graph.ops()) {
            if (op instanceof Op.Route route && route.out().equals(routes)) {
                return route;
            }
        }
        require(false, "value " + GraphText.declaration(routes) + " is not what a route op made");
        return null;
    }

    void require(boolean holds, String otherwise) {
        if (!holds) {
            String where = current == null ? "" : ", op " + GraphText.nameOf(current) + " of " + current.out() + " " + current.out().name();
            throw new CremaException(ErrorCode.INVALID_GRAPH, "Graph " + graph.name() + where + ": " + otherwise + ".", "");
        }
    }
}
