package dev.crema.jvm.vector;

import com.sun.management.ThreadMXBean;
import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Batch;
import dev.crema.device.FlatBatch;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Operands;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Counts the bytes that all threads of the device and the caller allocate while the kernels of 100 decode steps run, from embedding to greedy
 * sampling, or those of a prompt in several steps. The batch and the results, which belong to the caller, are made outside. Vectors are objects until C2 has compiled a loop with all
 * that it calls, and now and then it chooses not to: so the best of many rounds counts, and of several JVMs. What a step itself made would
 * be there in each.
 */
class AllocationTest {
    private static final int STEPS = 100;
    private static final int PROMPT_STEPS = 4;
    private static final int PROMPT_ROWS = 50;
    private static final int ROUNDS = 80;
    private static final int JVMS = 6;
    private static final int VOCAB = 640;
    private static final int HIDDEN = 512;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static Graph graph(DType format) {
        var g = new GraphBuilder("steps").kv(new KvLayout(1, 2, 64));
        float[] frequencies = new float[32];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) Math.pow(10000, -i / 32.0);
        }
        var table = new RopeTable("theta 10000", false, 1, frequencies);
        Value x = g.embed("embed", matrix("embed", format, VOCAB, HIDDEN));
        Value norm = g.rmsNorm("attn_norm", x, vector("attn_norm"), 1e-5f);
        Value q = g.rope("q_rope", g.matMul("q", norm, matrix("q", format, 256, HIDDEN), null), 64, table, null);
        Value k = g.rope("k_rope", g.matMul("k", norm, matrix("k", format, 128, HIDDEN), null), 64, table, null);
        Value v = g.matMul("v", norm, matrix("v", format, 128, HIDDEN), null);
        Value seen = g.attention("attn", q, k, v, 0, 4, 2, 64, 0.125f, 0);
        x = g.add("attn_add", x, g.matMul("o", seen, matrix("o", format, HIDDEN, 256), null));
        Value inner = g.rmsNorm("ffn_norm", x, vector("ffn_norm"), 1e-5f);
        Value gated = g.gated("gated", g.matMul("gate", inner, matrix("gate", format, 768, HIDDEN), null),
            g.matMul("up", inner, matrix("up", format, 768, HIDDEN), null), Activation.SILU);
        x = g.add("ffn_add", x, g.matMul("down", gated, matrix("down", format, HIDDEN, 768), null));
        Value last = g.rmsNorm("norm", g.selectRows("last", x), vector("norm"), 1e-5f);
        return g.buildWithSampling(g.matMul("logits", last, matrix("embed", format, VOCAB, HIDDEN), null));
    }

    private static Weight matrix(String name, DType format, int out, int in) {
        return new Weight(name, format, Shape.of(out, in));
    }

    private static Weight vector(String name) {
        return new Weight(name, DType.F32, Shape.of(HIDDEN));
    }

    @ParameterizedTest
    @CsvSource({"Q4_0, F32", "Q8_0, Q8_0", "Q6_K, F16", "Q5_K, F32", "Q2_K, F32", "IQ4_NL, F32"})
    void aDecodeStepAllocatesNothing(DType format, DType kvType) throws Exception {
        assertEquals(0, least(format, kvType, STEPS, 1));
    }

    @ParameterizedTest
    @CsvSource({"Q4_0, F16", "Q4_K, F16", "Q8_0, F32", "Q6_K, Q8_0"})
    void aPromptAllocatesNothing(DType format, DType kvType) throws Exception {
        assertEquals(0, least(format, kvType, PROMPT_STEPS, PROMPT_ROWS));
    }

    /** The bytes of the best round of several JVMs. */
    private static long least(DType format, DType kvType, int steps, int rows) throws Exception {
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        long least = Long.MAX_VALUE;
        for (int jvm = 0; jvm < JVMS && least > 0; jvm++) {
            Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules",
                "jdk.incubator.vector", "-cp", classes, AllocationTest.class.getName(), format.name(), kvType.name(),
                String.valueOf(steps), String.valueOf(rows)).start();
            String[] words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim().split("\\s+");
            assertEquals(0, process.waitFor(), String.join(" ", words));
            least = Math.min(least, Long.parseLong(words[words.length - 1]));
        }
        return least;
    }

    /** The other side of the test: {@code AllocationTest FORMAT KV_TYPE STEPS ROWS} prints the bytes of its best round. */
    public static void main(String[] args) {
        DType format = DType.valueOf(args[0]);
        DType kvType = DType.valueOf(args[1]);
        int count = Integer.parseInt(args[2]);
        int rows = Integer.parseInt(args[3]);
        Graph graph = graph(format);
        try (var device = new VectorDevice(2, "test")) {
            var random = new Random(21);
            for (Weight weight : Operands.weightsOf(graph)) {
                int elements = (int) weight.shape().elements();
                // Norm weights are zeros: which numbers there are makes no difference here.
                byte[] bytes = weight.dtype() == DType.F32 ? new byte[4 * elements] : Blocks.random(weight.dtype(), elements, random);
                device.upload(weight, new ArrayBytes(bytes));
            }
            device.awaitUploads(Progress.NONE, new Cancellation());
            int context = count * rows + 8;
            var limits = new Limits(Math.max(8, rows), 1, 1, context, context / KvPool.PAGE_TOKENS + 1, kvType);
            try (var executable = (VectorExecutable) device.awaitCompile(graph, limits, Progress.NONE)) {
                long least = Long.MAX_VALUE;
                for (int round = 0; round < ROUNDS && least > 0; round++) {
                    least = Math.min(least, allocatedByRound(executable, limits, count, rows));
                }
                System.out.println(least);
            }
        }
    }

    private static long allocatedByRound(VectorExecutable executable, Limits limits, int count, int rows) {
        var greedy = new SampleSpec(SamplingParams.GREEDY, 0);
        try (Sequence sequence = executable.kvPool().newSequence()) {
            executable.submit(new Batch(List.of(new Batch.Item(sequence, new int[] {1, 2, 3}, 1, greedy, false)))).awaitTokens();
            var steps = new FlatBatch[count];
            for (int i = 0; i < count; i++) {
                int[] tokens = new int[rows];
                Arrays.fill(tokens, i);
                var item = new Batch.Item(sequence, tokens, 1, greedy, false);
                steps[i] = FlatBatch.of(new Batch(List.of(item)), limits, executable.kvPool(), VOCAB);
            }
            long[] threads = workers();
            long before = allocated(threads);
            for (FlatBatch step : steps) {
                executable.run(step);
            }
            return allocated(threads) - before;
        }
    }

    /** The workers of all devices there are, and the caller last. */
    private static long[] workers() {
        long[] workers = Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().matches("crema-vector-\\d+"))
            .mapToLong(Thread::threadId).toArray();
        long[] all = Arrays.copyOf(workers, workers.length + 1);
        all[workers.length] = Thread.currentThread().threadId();
        return all;
    }

    private static long allocated(long[] threads) {
        long sum = 0;
        for (long thread : threads) {
            sum += Math.max(0, THREADS.getThreadAllocatedBytes(thread));
        }
        return sum;
    }
}
