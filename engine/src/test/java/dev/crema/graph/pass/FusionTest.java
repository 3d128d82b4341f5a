package dev.crema.graph.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.device.Step;
import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Op;
import dev.crema.graph.Operands;
import dev.crema.graph.RopeTable;
import dev.crema.graph.TestGraphs;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.reference.ReferenceDevice;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class FusionTest {
    private static final Limits LIMITS = new Limits(12, 4, 2, 32, 6);

    @Test
    void aLlamaLayerIsFiveOps() {
        String[] lines = Fusion.of(TestGraphs.llama()).toString().split("\n");
        assertEquals("""
            %1 layers.0.attn.qkv f32[tokens,64] = project %0, "layers.0.attn_norm" f32[32], "layers.0.q" f32[32,32], "layers.0.k" f32[16,32], \
            "layers.0.k_bias" f32[16], "layers.0.v" f32[16,32], norm eps 1.0E-5
            %2 layers.0.attn f32[tokens,32] = rotaryAttention %1, {theta 10000} halves of 8, layer 0, heads 4/2 of 8, scale 0.25
            %3 layers.0.attn_add f32[tokens,32] = project %2, %0, "layers.0.o" f32[32,32], plus %0
            %4 layers.0.gated f32[tokens,48] = gatedProject %3, "layers.0.ffn_norm" f32[32], "layers.0.gate" f32[48,32], "layers.0.up" f32[48,32], \
            norm eps 1.0E-5, silu
            %5 layers.0.ffn_add f32[tokens,32] = project %4, %3, "layers.0.down" f32[32,48], plus %3""", String.join("\n", List.of(lines).subList(3, 8)));
        assertEquals("""
            %11 logits f32[outputs,40] = project %10, "norm" f32[32], "lm_head" f32[40,32], norm eps 1.0E-5
            %12 tokens i32[outputs] = sample %11
            outputs %11 logits %12 tokens""", String.join("\n", List.of(lines).subList(13, 16)));
    }

    @Test
    void aFusedGraphStaysAsItIs() {
        Graph fused = Fusion.of(TestGraphs.llama());
        assertEquals(fused.toString(), Fusion.of(fused).toString());
    }

    @Test
    void whatOthersReadStays() {
        var g = new GraphBuilder("taps");
        Value x = g.input("x", Shape.of(Shape.TOKENS, 8));
        Value normed = g.rmsNorm("normed", x, TestGraphs.weight("norm", 8), 0);
        Value gate = g.matMul("gate", normed, TestGraphs.weight("gate", 8, 8), null);
        Value up = g.matMul("up", normed, TestGraphs.weight("up", 8, 8), null);
        Value gated = g.gated("gated", gate, up, Activation.SILU);
        Value down = g.matMul("down", gated, TestGraphs.weight("down", 8, 8), null);
        // The norm has a third reader, and the last mat-mul is handed out.
        g.output(down).output(g.add("sum", down, normed));
        assertEquals("""
            graph taps
            %0 x f32[tokens,8] = input
            %1 normed f32[tokens,8] = rmsNorm %0, "norm" f32[8], eps 0.0
            %2 gated f32[tokens,8] = gatedProject %1, "gate" f32[8,8], "up" f32[8,8], silu
            %3 down f32[tokens,8] = matMul %2, "down" f32[8,8]
            %4 sum f32[tokens,8] = add %3, %1
            outputs %3 %4
            """, Fusion.of(g.build()).toString());
    }

    @Test
    void headsWithNormsFactorsAndTheirOwnTables() {
        Graph whole = Fusion.of(attention(true, true));
        assertEquals(List.of("Project", "RotaryAttention"), kinds(whole));
        assertEquals(List.of("MatMul", "RmsNorm", "Rope", "MatMul", "RmsNorm", "Rope", "MatMul", "Attention"), kinds(Fusion.of(attention(true, false))));
        assertEquals(List.of("Project", "RotaryAttention"), kinds(Fusion.of(attention(false, true))));
    }

    /** q and k turn by one table, or each by its own, or not at all. */
    private static Graph attention(boolean turns, boolean sameTable) {
        var g = new GraphBuilder("heads").kv(new KvLayout(1, 1, 4));
        Value x = g.input("x", Shape.of(Shape.TOKENS, 8));
        Value q = head(g, "q", x, 8, turns ? new float[] {1} : null);
        Value k = head(g, "k", x, 4, turns ? new float[] {sameTable ? 1 : 2} : null);
        Value v = g.matMul("v", x, TestGraphs.weight("v", 4, 8), null);
        return g.output(g.attention("attn", q, k, v, 0, 2, 1, 4, 0.5f, 3, 20, TestGraphs.weight("sinks", 2))).build();
    }

    private static Value head(GraphBuilder g, String name, Value x, int width, float[] frequencies) {
        Value projected = g.matMul(name, x, TestGraphs.weight(name, width, 8), null);
        Value normed = g.rmsNorm(name + "_norm", projected, TestGraphs.weight(name + "_norm", 4), 1e-6f);
        return frequencies == null ? normed
            : g.rope(name + "_rope", normed, 4, new RopeTable("test", true, 1.5f, frequencies), TestGraphs.weight("factors", 1));
    }

    private static List<String> kinds(Graph graph) {
        return graph.ops().stream().map(op -> op.getClass().getSimpleName()).toList();
    }

    @Test
    void computesTheSame() {
        checkSame(TestGraphs.llama(), 1);
        checkSame(attention(true, true), 2);
        checkSame(attention(false, true), 3);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomGraphsComputeTheSame(long seed) {
        var random = new Random(seed);
        int fusedOps = 0;
        for (int i = 0; i < 100; i++) {
            Graph graph = TestGraphs.random(random);
            fusedOps += (int) Fusion.of(graph).ops().stream().filter(op -> op instanceof Op.Fused).count();
            checkSame(graph, i);
        }
        assertTrue(fusedOps > 20, fusedOps + " ops were fused");
    }

    /** The reference runs the same loops in the same order, so the bits are the same. */
    private static void checkSame(Graph graph, long seed) {
        List<float[]> plain = run(graph, seed);
        List<float[]> fused = run(Fusion.of(graph), seed);
        for (int i = 0; i < plain.size(); i++) {
            assertArrayEquals(plain.get(i), fused.get(i), graph.toString());
        }
    }

    private static List<float[]> run(Graph graph, long seed) {
        try (var device = new ReferenceDevice()) {
            for (Weight weight : Operands.weightsOf(graph)) {
                device.upload(weight, new ArrayBytes(contents(weight, seed)));
            }
            device.awaitUploads(Progress.NONE, new Cancellation());
            Executable executable = device.awaitCompile(graph, LIMITS, Progress.NONE);
            for (Value input : graph.inputs()) {
                executable.write(input, floats(4 * input.channels(), seed + input.id()));
            }
            var sequence = executable.kvPool().newSequence();
            var spec = new SampleSpec(SamplingParams.GREEDY, 1);
            var outputs = new ArrayList<float[]>();
            for (int[] tokens : new int[][] {{3, 1, 2}, {0}, {5, 4, 3, 2}}) {
                Step step = executable.submit(new Batch(List.of(new Batch.Item(sequence, tokens, tokens.length > 1 ? 2 : 1, spec, false))));
                for (Value output : graph.outputs()) {
                    outputs.add(step.awaitValue(output));
                }
            }
            return outputs;
        }
    }

    private static byte[] contents(Weight weight, long seed) {
        float[] values = floats((int) weight.shape().elements(), seed + weight.name().hashCode());
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static float[] floats(int count, long seed) {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }
}
