package dev.crema.conformance.web;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.conformance.web.WebGpuCases.Body;
import dev.crema.device.Batch;
import dev.crema.device.Bytes;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.Weight;
import dev.crema.json.Json;
import dev.crema.model.Config;
import dev.crema.model.Families;
import dev.crema.model.Weights;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.web.device.WebGpuDevice;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a decode step asks of WebGPU, counted on the shape of Qwen2-0.5B; all layers have the same weights, which are zero. */
final class StepCases {
    private static final int LAYERS = 24;
    private static final int HIDDEN = 896;
    private static final int KV = 128;
    private static final int FEED_FORWARD = 4864;
    private static final int VOCAB = 151_936;
    /** A long context, so that its page table shows in a step if it were sent; the cache itself is small. */
    private static final Limits LIMITS = new Limits(64, 4, 4, 32_768, 64);
    /** Dispatches of a decode step at most: of a layer, and beside the layers. */
    private static final int A_LAYER = 6;
    private static final int BESIDE = 6;
    private static final int MAX_WRITTEN = 256;

    private StepCases() { }

    static void addTo(Map<String, Body> cases) {
        cases.put("webgpu/step/longText", StepCases::awaitLongText);
        cases.put("webgpu/step/qwen2", StepCases::awaitCounts);
        cases.put("webgpu/step/mixture", StepCases::awaitMixture);
    }

    /** All rules at once, with biases on as many tokens as OpenAI's API allows where the vocabulary has them. */
    private static SamplingParams rules(int vocab) {
        var biases = new HashMap<Integer, Float>();
        for (int i = 0; i < Math.min(vocab, 300); i++) {
            biases.put(i * (vocab / Math.min(vocab, 300)), i % 2 == 0 ? 1f : -1f);
        }
        return new SamplingParams(0.8f, 40, 0.95f, 0.02f, 0.98f, 1.1f, 0.1f, 0.2f, biases);
    }

    /** Zeros without an end. */
    private record Zeros(long length) implements Bytes {
        @Override
        public Bytes slice(long offset, long count) {
            return new Zeros(count);
        }

        @Override
        public void awaitRead(long position, byte[] target, int offset, int count) {
            Arrays.fill(target, offset, offset + count, (byte) 0);
        }
    }

    /** Number formats of v, of the down projection, and of all other matrices. */
    private record Formats(DType value, DType down, DType rest) { }

    /** The names of one layer in the checkpoint, with the tensors that all layers share. */
    private static Map<String, TensorEntry> tensors(int layers, Formats formats) {
        var layer = new LinkedHashMap<String, TensorEntry>();
        matrix(layer, "self_attn.q_proj.weight", formats.rest, HIDDEN, HIDDEN);
        matrix(layer, "self_attn.k_proj.weight", formats.rest, KV, HIDDEN);
        matrix(layer, "self_attn.v_proj.weight", formats.value, KV, HIDDEN);
        matrix(layer, "self_attn.o_proj.weight", formats.rest, HIDDEN, HIDDEN);
        matrix(layer, "mlp.gate_proj.weight", formats.rest, FEED_FORWARD, HIDDEN);
        matrix(layer, "mlp.up_proj.weight", formats.rest, FEED_FORWARD, HIDDEN);
        matrix(layer, "mlp.down_proj.weight", formats.down, HIDDEN, FEED_FORWARD);
        vector(layer, "self_attn.q_proj.bias", HIDDEN);
        vector(layer, "self_attn.k_proj.bias", KV);
        vector(layer, "self_attn.v_proj.bias", KV);
        vector(layer, "input_layernorm.weight", HIDDEN);
        vector(layer, "post_attention_layernorm.weight", HIDDEN);
        var all = new LinkedHashMap<String, TensorEntry>();
        for (int i = 0; i < layers; i++) {
            for (Map.Entry<String, TensorEntry> tensor : layer.entrySet()) {
                all.put("model.layers." + i + "." + tensor.getKey(), tensor.getValue());
            }
        }
        matrix(all, "model.embed_tokens.weight", formats.rest, VOCAB, HIDDEN);
        vector(all, "model.norm.weight", HIDDEN);
        return all;
    }

    private static void matrix(Map<String, TensorEntry> tensors, String name, DType format, int rows, int columns) {
        tensors.put(name, new TensorEntry(name, format, Shape.of(rows, columns), new Zeros(format.bytes((long) rows * columns))));
    }

    private static void vector(Map<String, TensorEntry> tensors, String name, int length) {
        tensors.put(name, new TensorEntry(name, DType.F32, Shape.of(length), new Zeros(4L * length)));
    }

    /** Qwen/Qwen2-0.5B's config.json. */
    private static Config config(int layers) {
        return new Config(new Json.Obj().put("model_type", "qwen2").put("hidden_size", HIDDEN).put("intermediate_size", FEED_FORWARD)
            .put("num_hidden_layers", layers).put("num_attention_heads", 14).put("num_key_value_heads", 2).put("vocab_size", VOCAB)
            .put("rms_norm_eps", 1e-6).put("rope_theta", 1_000_000).put("max_position_embeddings", 131_072)
            .put("tie_word_embeddings", true));
    }

    private static Executable awaitQwen2(WebGpuDevice device, int layers, Formats formats) {
        Map<String, TensorEntry> tensors = tensors(layers, formats);
        var weights = new Weights(tensors);
        Graph graph = Families.forward(config(layers), weights);
        var bytes = new HashMap<String, Bytes>();
        tensors.values().forEach(tensor -> bytes.put(tensor.name(), tensor.bytes()));
        for (Weight weight : weights.used().values()) {
            device.upload(weight, bytes.get(weight.name()));
        }
        device.awaitUploads(Progress.NONE, new Cancellation());
        return device.awaitCompile(graph, LIMITS, Progress.NONE);
    }

    private static Step step(Executable executable, List<Sequence> sequences, SampleSpec spec, int... tokens) {
        var items = new ArrayList<Batch.Item>();
        for (Sequence sequence : sequences) {
            items.add(new Batch.Item(sequence, tokens, 1, spec, false));
        }
        return executable.submit(new Batch(items));
    }

    /** Few steps, because SwiftShader takes a second for each row: one sequence by all rules, then four at once. */
    private static void awaitCounts() {
        var rules = new SampleSpec(rules(VOCAB), 5, 1, null);
        try (WebGpuDevice device = WebGpuCases.awaitDevice();
                Executable executable = awaitQwen2(device, LAYERS, new Formats(DType.Q4_0, DType.Q4_0, DType.Q4_0))) {
            Sequence sequence = executable.kvPool().newSequence();
            step(executable, List.of(sequence), rules, 1).awaitTokens();
            for (int i = 0; i < 2; i++) {
                var before = new Counts();
                step(executable, List.of(sequence), rules, Batch.SAMPLED).awaitTokens();
                before.check(LAYERS * A_LAYER + BESIDE, MAX_WRITTEN, 4);
            }
            var four = new ArrayList<Sequence>();
            for (int i = 0; i < 4; i++) {
                four.add(executable.kvPool().newSequence());
            }
            var before = new Counts();
            step(executable, four, new SampleSpec(SamplingParams.GREEDY, 5), 7).awaitTokens();
            before.check(LAYERS * A_LAYER + BESIDE, 4 * MAX_WRITTEN, 16);
        }
    }

    /** The mixture that "Q4_K_M" means for this shape: v in more bits than q and k, the down projection in yet another format. */
    private static void awaitMixture() {
        int layers = 2;
        try (WebGpuDevice device = WebGpuCases.awaitDevice();
                Executable executable = awaitQwen2(device, layers, new Formats(DType.Q8_0, DType.Q6_K, DType.Q5_0))) {
            Sequence sequence = executable.kvPool().newSequence();
            var greedy = new SampleSpec(SamplingParams.GREEDY, 5);
            step(executable, List.of(sequence), greedy, 1).awaitTokens();
            var before = new Counts();
            step(executable, List.of(sequence), greedy, Batch.SAMPLED).awaitTokens();
            before.check(layers * A_LAYER + BESIDE, MAX_WRITTEN, 4);
        }
    }

    /** However long the text is, and where it goes on in a new page of the cache. */
    private static void awaitLongText() {
        var limits = new Limits(128, 4, 4, 4096, 256);
        var rules = new SampleSpec(rules(WebGpuCases.VOCAB), 5, 2000, null);
        try (WebGpuDevice device = WebGpuCases.awaitDevice(); Executable executable = WebGpuCases.awaitExecutable(device, limits)) {
            Sequence sequence = executable.kvPool().newSequence();
            for (int i = 0; i < 20; i++) {
                step(executable, List.of(sequence), rules, new int[100]).awaitTokens();
            }
            for (int i = 0; i < 40; i++) {
                var before = new Counts();
                step(executable, List.of(sequence), rules, Batch.SAMPLED).awaitTokens();
                before.check(BESIDE + 1, MAX_WRITTEN, 4);
            }
        }
    }

    /** What WebGPU was asked for before a step. */
    private static final class Counts {
        private static final List<String> ONCE = List.of("submit", "writeBuffer", "createCommandEncoder", "beginComputePass", "mapAsync",
            "copyBufferToBuffer");
        private static final List<String> NEVER = List.of("createBuffer", "createBindGroup", "createComputePipelineAsync", "createShaderModule",
            "popErrorScope");

        private final Map<String, Integer> calls = new HashMap<>();
        private final double written = GpuWatch.moved("writeBuffer");
        private final double copied = GpuWatch.moved("copyBufferToBuffer");
        private final double read = GpuWatch.moved("mapAsync");

        Counts() {
            calls.put("dispatchWorkgroups", GpuWatch.count("dispatchWorkgroups"));
            ONCE.forEach(name -> calls.put(name, GpuWatch.count(name)));
            NEVER.forEach(name -> calls.put(name, GpuWatch.count(name)));
        }

        /** Holds what was asked for since against the limits; the only copy is that of the tokens. */
        void check(int dispatches, int bytesWritten, int bytesRead) {
            for (String name : ONCE) {
                require(since(name) == 1, name + " was called " + since(name) + " times in one step");
            }
            for (String name : NEVER) {
                require(since(name) == 0, "a step called " + name);
            }
            require(since("dispatchWorkgroups") <= dispatches, since("dispatchWorkgroups") + " dispatches, at most " + dispatches);
            require(GpuWatch.moved("writeBuffer") - written <= bytesWritten, GpuWatch.moved("writeBuffer") - written + " bytes were written, at most "
                + bytesWritten);
            require(GpuWatch.moved("mapAsync") - read == bytesRead, GpuWatch.moved("mapAsync") - read + " bytes were read, expected " + bytesRead);
            require(GpuWatch.moved("copyBufferToBuffer") - copied == bytesRead, "more was copied than the tokens");
        }

        private int since(String name) {
            return GpuWatch.count(name) - calls.get(name);
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
