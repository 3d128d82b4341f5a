package dev.crema.graph;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static dev.crema.graph.TestGraphs.weight;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** One broken graph a rule; the message must name the place and the numbers. */
class VerifierTest {
    private final Value x = new Value(0, "x", DType.F32, Shape.of(Shape.TOKENS, 8));
    private final Value last = new Value(0, "last", DType.F32, Shape.of(Shape.OUTPUTS, 8));

    private static Value value(int id, int rows, int channels) {
        return new Value(id, "v" + id, DType.F32, Shape.of(rows, channels));
    }

    private static void refused(String message, Graph graph) {
        CremaException e = assertThrows(CremaException.class, () -> Verifier.verify(graph));
        assertEquals(ErrorCode.INVALID_GRAPH, e.code());
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    private void refusedOp(String message, Op op) {
        refused(message, new Graph("g", List.of(x), List.of(op), List.of(op.out()), null, null, null));
    }

    private static Graph attention(KvLayout kv, int... layers) {
        return attention(kv, 0, null, layers);
    }

    private static Graph attention(KvLayout kv, float softcap, Weight sinks, int... layers) {
        Value q = value(0, Shape.TOKENS, 32);
        Value k = value(1, Shape.TOKENS, 16);
        var ops = new ArrayList<Op>();
        for (int layer : layers) {
            ops.add(new Op.Attention(q, k, k, layer, 4, 2, 8, 1, 0, softcap, sinks, true, value(2 + ops.size(), Shape.TOKENS, 32)));
        }
        return new Graph("g", List.of(q, k), ops, List.of(q), null, null, kv);
    }

    @Test
    void acceptsWhatIsLegal() {
        Verifier.verify(TestGraphs.llama());
        for (int seed = 0; seed < 200; seed++) {
            Verifier.verify(TestGraphs.random(new Random(seed)));
        }
        Verifier.verify(attention(new KvLayout(2, 2, 8), 1, 0));
    }

    @Test
    void valuesAreDefinedOnceInOrder() {
        Value y = value(1, Shape.TOKENS, 8);
        refused("value %1 is used before it is defined", new Graph("g", List.of(x), List.of(new Op.Add(x, y, y)), List.of(x), null, null, null));
        refused("value %2 stands where %1 is due", new Graph("g", List.of(x), List.of(new Op.Add(x, x, value(2, Shape.TOKENS, 8))), List.of(x), null,
            null, null));
        refused("two values are called x", new Graph("g", List.of(x), List.of(new Op.Add(x, x, new Value(1, "x", DType.F32, x.shape()))), List.of(x),
            null, null, null));
        refused("%0 other f32[tokens,8] was defined as %0 x f32[tokens,8]", new Graph("g", List.of(x), List.of(new Op.Add(x, new Value(0, "other",
            DType.F32, x.shape()), y)), List.of(x), null, null, null));
        refused("must be f32 [tokens or outputs, channels]", new Graph("g", List.of(value(0, 3, 8)), List.of(), List.of(x), null, null, null));
    }

    @Test
    void shapesAgree() {
        Value y = value(1, Shape.TOKENS, 8);
        refusedOp("op add of %1 v1: %0 is [tokens,8], but %1 is [tokens,7]", new Op.Add(x, x, value(1, Shape.TOKENS, 7)));
        refusedOp("weight \"w\" f32[4,9] reads 9 channels, but %0 has 8", new Op.MatMul(x, weight("w", 4, 9), null, value(1, Shape.TOKENS, 4)));
        refusedOp("%1 has 8 channels, expected 4", new Op.MatMul(x, weight("w", 4, 8), null, y));
        refusedOp("bias \"b\" f32[5] does not fit 8 features", new Op.MatMul(x, weight("w", 8, 8), weight("b", 5), y));
        refusedOp("%1 is [outputs,8], expected a row for each of the batch's tokens", new Op.MatMul(x, weight("w", 8, 8), null,
            value(1, Shape.OUTPUTS, 8)));
        refusedOp("8 channels are no whole number of groups of 3", new Op.RmsNorm(x, weight("w", 3), 0, y));
        refusedOp("eps is NaN", new Op.RmsNorm(x, weight("w", 8), Float.NaN, y));
        refusedOp("%1 has 8 channels, expected 6", new Op.Embed(weight("w", 3, 6), Op.Index.TOKEN, y));
        refusedOp("no whole number of heads of 3", new Op.Rope(x, 3, new RopeTable("t", false, 1, new float[1]), null, y));
        refusedOp("the table turns 6 channels of heads of 4", new Op.Rope(x, 4, new RopeTable("t", false, 1, new float[3]), null, y));
        refusedOp("do not fit 2 pairs", new Op.Rope(x, 4, new RopeTable("t", false, 1, new float[2]), weight("f", 3), y));
        refusedOp("expected a row for each of the batch's outputs", new Op.SelectRows(x, y));
    }

    @Test
    void weightsFitTheirFormat() {
        Value y = value(1, Shape.TOKENS, 8);
        refusedOp("rows of 8 elements, no whole number of Q4_0 blocks of 32", new Op.MatMul(x, new Weight("w", DType.Q4_0, Shape.of(8, 8)), null, y));
        refusedOp("must be f32, f16 or bf16", new Op.RmsNorm(x, new Weight("w", DType.F64, Shape.of(8)), 0, y));
        refusedOp("is of integers", new Op.MatMul(x, new Weight("w", DType.I8, Shape.of(8, 8)), null, y));
        refusedOp("must be a matrix", new Op.Embed(weight("w", 8), Op.Index.TOKEN, y));
        refusedOp("is empty", new Op.Embed(weight("w", 0, 8), Op.Index.TOKEN, y));
        refused("weight \"w\" f32[8] is \"w\" f32[8,8] elsewhere", new Graph("g", List.of(x), List.of(new Op.MatMul(x, weight("w", 8, 8), null, y),
            new Op.RmsNorm(y, weight("w", 8), 0, value(2, Shape.TOKENS, 8))), List.of(x), null, null, null));
    }

    @Test
    void eachLayerOfTheCacheIsWrittenOnce() {
        refused("the graph has no KV layout", attention(null, 0));
        refused("layer 1 of the KV cache is never written", attention(new KvLayout(2, 2, 8), 0));
        refused("layer 0 of the KV cache is written twice", attention(new KvLayout(2, 2, 8), 0, 0));
        refused("is layer 5 of 2", attention(new KvLayout(2, 2, 8), 0, 5));
        refused("2 kv heads of 8 do not match the KV layout's 2 of 4", attention(new KvLayout(1, 2, 4), 0));
        refused("the KV layout is empty", attention(new KvLayout(0, 2, 8)));
    }

    @Test
    void attentionsOptionsFit() {
        var layout = new KvLayout(1, 2, 8);
        Verifier.verify(attention(layout, 30, weight("sinks", 4), 0));
        refused("the soft cap is -1.0", attention(layout, -1, null, 0));
        refused("the soft cap is NaN", attention(layout, Float.NaN, null, 0));
        refused("sinks \"sinks\" f32[2] do not fit 4 heads", attention(layout, 0, weight("sinks", 2), 0));
        refused("must be a vector", attention(layout, 0, weight("sinks", 4, 1), 0));
    }

    @Test
    void valuesAreAPartOfKeysOrApart() {
        Value q = value(0, Shape.TOKENS, 32);
        Value k = value(1, Shape.TOKENS, 16);
        var latent = new KvLayout(1, 2, 8, 6);
        Verifier.verify(latent(latent, new Op.Attention(q, k, null, 0, 4, 2, 8, 1, 0, 0, null, true, value(2, Shape.TOKENS, 24))));
        refused("has 32 channels, expected 24", latent(latent, new Op.Attention(q, k, null, 0, 4, 2, 8, 1, 0, 0, null, true,
            value(2, Shape.TOKENS, 32))));
        refused("there is v, and the KV layout keeps k alone", latent(latent, new Op.Attention(q, k, k, 0, 4, 2, 8, 1, 0, 0, null, true,
            value(2, Shape.TOKENS, 24))));
        refused("there is no v, and the KV layout keeps k and v", latent(new KvLayout(1, 2, 8), new Op.Attention(q, k, null, 0, 4, 2, 8, 1, 0, 0, null,
            true, value(2, Shape.TOKENS, 32))));
        refused("so many channels are no value", latent(new KvLayout(1, 2, 8, 9), new Op.Attention(q, k, null, 0, 4, 2, 8, 1, 0, 0, null, true,
            value(2, Shape.TOKENS, 36))));
    }

    private static Graph latent(KvLayout kv, Op.Attention op) {
        return new Graph("g", List.of(op.q(), op.k()), List.of(op), List.of(op.out()), null, null, kv);
    }

    @Test
    void joinsAreOfWholeHeads() {
        Value y = value(1, Shape.TOKENS, 4);
        Verifier.verify(new Graph("g", List.of(x, y), List.of(new Op.Join(x, y, 4, value(2, Shape.TOKENS, 12))), List.of(x), null, null, null));
        refused("%0 has 8 channels for 3 heads", new Graph("g", List.of(x, y), List.of(new Op.Join(x, y, 3, value(2, Shape.TOKENS, 12))), List.of(x),
            null, null, null));
        refused("expected 12", new Graph("g", List.of(x, y), List.of(new Op.Join(x, y, 4, value(2, Shape.TOKENS, 8))), List.of(x), null, null, null));
        refused("there are 0 heads", new Graph("g", List.of(x, y), List.of(new Op.Join(x, y, 0, value(2, Shape.TOKENS, 12))), List.of(x), null, null,
            null));
    }

    @Test
    void samplingNamesItsLogitsAndTokens() {
        Value tokens = new Value(1, "tokens", DType.I32, Shape.of(Shape.OUTPUTS));
        Value more = new Value(2, "more", DType.I32, Shape.of(Shape.OUTPUTS));
        var sample = new Op.Sample(last, tokens);
        Verifier.verify(new Graph("g", List.of(last), List.of(sample), List.of(last, tokens), last, tokens, null));
        refused("tokens are null, but %1 is what is sampled", new Graph("g", List.of(last), List.of(sample), List.of(last), last, null, null));
        refused("tokens %1 are not among the outputs", new Graph("g", List.of(last), List.of(sample), List.of(last), last, tokens, null));
        refused("logits %0 are not among the outputs", new Graph("g", List.of(last), List.of(sample), List.of(tokens), last, tokens, null));
        refused("sampled twice, as %1 and %2", new Graph("g", List.of(last), List.of(sample, new Op.Sample(last, more)), List.of(last, tokens), last,
            tokens, null));
        refused("no op samples them", new Graph("g", List.of(last), List.of(), List.of(last), last, last, null));
        refused("there is no output", new Graph("g", List.of(x), List.of(), List.of(), null, null, null));
    }

    private void refusedRoute(String message, Routing routing, Weight bias) {
        refusedOp(message, new Op.Route(x, bias, routing, value(1, Shape.TOKENS, 2 * routing.topK())));
    }

    @Test
    void routesMustFitTheExperts() {
        refusedRoute("9 of 8 experts are taken", Routing.softmax(9, true), null);
        refusedRoute("8 experts do not make 3 groups", new Routing(2, Scoring.SIGMOID, true, 1, 3, 1, 1), null);
        refusedRoute("3 of 2 groups are kept", new Routing(2, Scoring.SIGMOID, true, 1, 2, 3, 1), null);
        refusedRoute("3 of 2 experts are taken", new Routing(3, Scoring.SIGMOID, true, 1, 4, 1, 1), null);
        refusedRoute("groups of 1 experts are ordered by 2", new Routing(2, Scoring.SIGMOID, true, 1, 8, 4, 2), null);
        refusedRoute("the scale is NaN", new Routing(2, Scoring.SIGMOID, true, Float.NaN, 1, 1, 1), null);
        refusedRoute("there is no scoring", new Routing(2, null, true, 1, 1, 1, 1), null);
        refusedRoute("bias \"b\" f32[7] does not fit 8 experts", Routing.softmax(2, true), weight("b", 7));
        refusedOp("%1 has 5 channels, expected 4", new Op.Route(x, null, Routing.softmax(2, true), value(1, Shape.TOKENS, 5)));
    }

    private void refusedExperts(String message, Op op) {
        var route = new Op.Route(x, null, Routing.softmax(2, true), value(1, Shape.TOKENS, 4));
        refused(message, new Graph("g", List.of(x), List.of(route, op), List.of(op.out()), null, null, null));
    }

    @Test
    void expertsMustFitTheirRoutes() {
        Value routes = value(1, Shape.TOKENS, 4);
        Value out = value(2, Shape.TOKENS, 6);
        Weight fits = weight("w", 8, 3, 8);
        Verifier.verify(new Graph("g", List.of(x), List.of(new Op.Route(x, null, Routing.softmax(2, true), routes),
            new Op.ExpertMatMul(x, routes, fits, weight("b", 8, 3), out)), List.of(out), null, null, null));
        refusedExperts("value %0 x f32[tokens,8] is not what a route op made", new Op.ExpertMatMul(x, x, fits, null, out));
        refusedExperts("must be a stack of matrices", new Op.ExpertMatMul(x, routes, weight("w", 3, 8), null, out));
        refusedExperts("is of 7 experts, but %1 chooses among 8", new Op.ExpertMatMul(x, routes, weight("w", 7, 3, 8), null, out));
        refusedExperts("reads 5 channels, but %0 has 8 for 2 experts", new Op.ExpertMatMul(x, routes, weight("w", 8, 3, 5), null, out));
        refusedExperts("%2 has 6 channels, expected 8", new Op.ExpertMatMul(x, routes, weight("w", 8, 4, 8), null, out));
        refusedExperts("bias \"b\" f32[8,4] does not fit", new Op.ExpertMatMul(x, routes, fits, weight("b", 8, 4), out));
        refusedExperts("is of integers", new Op.ExpertMatMul(x, routes, new Weight("w", DType.I8, Shape.of(8, 3, 8)), null, out));
        refusedExperts("%2 is [outputs,6], but %1 is [tokens,4]", new Op.ExpertMatMul(x, routes, fits, null, value(2, Shape.OUTPUTS, 6)));
        refusedExperts("has 8 channels, expected 2 times 3", new Op.ExpertSum(x, routes, value(2, Shape.TOKENS, 3)));
    }
}
