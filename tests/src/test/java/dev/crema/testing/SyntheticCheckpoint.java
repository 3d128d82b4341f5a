package dev.crema.testing;

import dev.crema.conformance.Noise;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.jvm.synth.SyntheticSpec;
import dev.crema.jvm.synth.SyntheticTokenizer;
import dev.crema.quant.Quant;
import dev.crema.quant.RandomBlocks;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A tiny model with random weights that depend on name and seed only: the same model as a Hugging Face folder and as GGUF, in any format
 * that Crema computes with. In GGUF, norms and biases stay F32, as converters leave them.
 */
public final class SyntheticCheckpoint {
    private final SyntheticSpec spec;
    private final SyntheticTokenizer tokenizer;
    private final Map<String, Shape> shapes;

    public SyntheticCheckpoint(SyntheticSpec spec) {
        this.spec = spec;
        tokenizer = new SyntheticTokenizer(spec.vocab());
        shapes = spec.weights();
    }

    public SyntheticSpec spec() {
        return spec;
    }

    public SyntheticTokenizer tokenizer() {
        return tokenizer;
    }

    /** Shapes by Hugging Face name. */
    public Map<String, Shape> shapes() {
        return shapes;
    }

    /** The weight before it is rounded to a format. */
    public float[] weight(String name) {
        Shape shape = shapes.get(name);
        var values = new float[(int) shape.elements()];
        double mean = name.endsWith("norm.weight") ? 1 : 0;
        double scale = scale(name, shape);
        long state = spec.seed() * 0x9e3779b97f4a7c15L + name.hashCode();
        for (int i = 0; i < values.length; i++) {
            // SplitMix64.
            state += 0x9e3779b97f4a7c15L;
            long z = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
            z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
            double uniform = ((z ^ z >>> 31) >> 11) * 0x1p-52;
            values[i] = (float) (mean + scale * uniform);
        }
        return values;
    }

    /** Uniform numbers have a deviation of 1/sqrt(3): linear layers keep the size of what they read, the head spreads it. */
    private static double scale(String name, Shape shape) {
        if (name.contains("embed_tokens")) {
            return 0.6;
        }
        return shape.rank() == 1 ? 0.3 : Math.sqrt(3.0 / shape.last()) * (name.startsWith("lm_head") ? 4 : 1.5);
    }

    /** The weight as it is stored; in formats that Crema can't write, another one of the same size. */
    private byte[] encoded(String name, DType dtype) {
        if (Quant.canQuantize(dtype)) {
            return encode(weight(name), dtype);
        }
        Shape shape = shapes.get(name);
        return RandomBlocks.of(dtype, (int) shape.elements(), (float) scale(name, shape) / 2, new Noise(spec.seed() ^ Noise.seedOf(name)));
    }

    private static byte[] encode(float[] values, DType dtype) {
        var bytes = new byte[(int) dtype.bytes(values.length)];
        Quant.quantize(dtype, values, 0, bytes, 0, values.length);
        return bytes;
    }

    /** A folder with one safetensors file; {@code dtype} F32, F16 or BF16. */
    public MemoryFiles huggingFace(DType dtype) {
        var writer = new SafeTensorsWriter();
        for (String name : shapes.keySet()) {
            writer.tensor(name, dtype, shapes.get(name), encode(weight(name), dtype));
        }
        return withoutWeights(dtype).put("model.safetensors", writer.toBytes());
    }

    /** The same folder with the weights in {@code shards} files and an index. */
    public MemoryFiles sharded(DType dtype, int shards) {
        var weightMap = new Json.Obj();
        var writers = new SafeTensorsWriter[shards];
        int index = 0;
        for (String name : shapes.keySet()) {
            int shard = index++ * shards / shapes.size();
            writers[shard] = writers[shard] == null ? new SafeTensorsWriter() : writers[shard];
            writers[shard].tensor(name, dtype, shapes.get(name), encode(weight(name), dtype));
            weightMap.put(name, shardName(shard, shards));
        }
        MemoryFiles files = withoutWeights(dtype);
        for (int shard = 0; shard < shards; shard++) {
            files.put(shardName(shard, shards), writers[shard].toBytes());
        }
        return files.put("model.safetensors.index.json", utf8(new Json.Obj().put("weight_map", weightMap)));
    }

    private static String shardName(int shard, int shards) {
        return "model-" + (100000 + shard + 1 + "").substring(1) + "-of-" + (100000 + shards + "").substring(1) + ".safetensors";
    }

    private MemoryFiles withoutWeights(DType dtype) {
        return new MemoryFiles(spec.name()).put("config.json", utf8(spec.config(dtype)))
            .put("generation_config.json", utf8(new Json.Obj().put("eos_token_id", (long) tokenizer.eos())))
            .put("tokenizer.json", utf8(tokenizer.tokenizerJson())).put("tokenizer_config.json", utf8(tokenizer.tokenizerConfig()));
    }

    private static byte[] utf8(Json.Obj json) {
        return JsonWriter.pretty(json, 2).getBytes(StandardCharsets.UTF_8);
    }

    /** One GGUF file, named after the model and the format. */
    public MemoryFiles gguf(DType dtype) {
        var writer = new GgufWriter();
        spec.writeTo(writer);
        tokenizer.writeTo(writer);
        for (String name : shapes.keySet()) {
            DType stored = shapes.get(name).rank() == 1 ? DType.F32 : dtype;
            writer.tensor(spec.ggufName(name), stored, shapes.get(name),
                spec.ggufOrder(name, encoded(name, stored), shapes.get(name)));
        }
        float[] factors = spec.ropeFactors();
        if (factors != null) {
            writer.tensor("rope_freqs.weight", DType.F32, Shape.of(factors.length), encode(factors, DType.F32));
        }
        String file = spec.name() + "-" + dtype.name().toLowerCase() + ".gguf";
        return new MemoryFiles(file).put(file, writer.toBytes());
    }
}
