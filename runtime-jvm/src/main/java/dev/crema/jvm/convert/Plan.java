package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.GgufFiles;
import dev.crema.checkpoint.Metadata;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.model.Config;
import dev.crema.tensor.DType;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What a conversion writes: keys and tensors, in order. */
final class Plan {
    /** llama.h's {@code enum llama_ftype}, as files say of themselves what they are mostly made of. */
    private static final List<DType> FILE_TYPES = List.of(DType.F32, DType.F16, DType.Q4_0, DType.Q4_1, DType.Q8_0, DType.Q5_0, DType.Q5_1, DType.Q2_K,
        DType.Q3_K, DType.Q4_K, DType.Q5_K, DType.Q6_K, DType.IQ4_NL, DType.IQ4_XS, DType.BF16, DType.MXFP4);
    private static final int[] FILE_TYPE_IDS = {0, 1, 2, 3, 7, 8, 9, 10, 12, 15, 17, 18, 25, 30, 32, 38};

    final List<PlannedTensor> tensors = new ArrayList<>();
    final String name;
    private final Consumer<GgufWriter> keys;

    private Plan(String name, Consumer<GgufWriter> keys) {
        this.name = name;
        this.keys = keys;
    }

    /** Opens the model; {@code skipped} hears of tensors that have no place in the new file. */
    static Plan awaitOpen(ModelFiles files, TypeMix mix, Consumer<String> skipped) {
        GgufFiles gguf = isHuggingFace(files) ? null : GgufFiles.awaitFind(files);
        return gguf != null ? ofGguf(files.name(), gguf, mix) : ofCheckpoint(Checkpoints.awaitOpen(files), mix, skipped);
    }

    private static boolean isHuggingFace(ModelFiles files) {
        List<String> names = files.names();
        return names == null || names.contains("config.json") && (names.stream().noneMatch(name -> name.endsWith(".gguf"))
            || names.stream().anyMatch(name -> name.endsWith(".safetensors")));
    }

    private static Plan ofGguf(String name, GgufFiles gguf, TypeMix mix) {
        Metadata metadata = gguf.metadata();
        var plan = new Plan(name, writer -> {
            for (String key : metadata.values().keySet()) {
                if (!key.startsWith("split.") && !key.equals("general.file_type") && !key.equals("general.alignment")
                        && !key.equals("general.quantization_version")) {
                    writer.put(key, metadata);
                }
            }
            writeType(writer, mix);
        });
        for (TensorEntry tensor : gguf.tensors().values()) {
            plan.tensors.add(new PlannedTensor(tensor.name(), tensor, mix.of(tensor.name(), tensor.shape(), tensor.dtype()), 0));
        }
        return plan;
    }

    private static void writeType(GgufWriter writer, TypeMix mix) {
        int index = FILE_TYPES.indexOf(mix.type());
        if (index >= 0) {
            writer.put("general.file_type", FILE_TYPE_IDS[index]);
        }
        writer.put("general.quantization_version", 2);
    }

    private static Plan ofCheckpoint(Checkpoint checkpoint, TypeMix mix, Consumer<String> skipped) {
        if (checkpoint.metadata() != null) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, checkpoint.name() + " is a web folder of a GGUF model.",
                "Give its first .gguf file instead.");
        }
        var architecture = new GgufExport(new Config(checkpoint.config()));
        var tokens = new GgufTokens(checkpoint);
        int vocabulary = new Config(checkpoint.config()).size("vocab_size");
        var plan = new Plan(checkpoint.name(), writer -> {
            architecture.writeTo(writer);
            writer.put("general.name", checkpoint.name());
            writeType(writer, mix);
            tokens.writeTo(writer, vocabulary);
        });
        boolean hasEmbedding = checkpoint.tensors().containsKey("model.embed_tokens.weight");
        for (TensorEntry tensor : checkpoint.tensors().values()) {
            String target = architecture.name(tensor.name());
            if (architecture.tied() && tensor.name().equals("lm_head.weight")) {
                // Tied files may keep either of the two; GGUF's has the embedding.
                target = hasEmbedding ? null : "token_embd.weight";
            }
            if (target == null) {
                checkNeedless(tensor.name(), architecture.tied());
                skipped.accept(tensor.name());
            } else {
                plan.tensors.add(new PlannedTensor(target, tensor, mix.of(target, tensor.shape(), tensor.dtype()),
                    architecture.reorderedHeadDim(tensor.name()), architecture.addend(tensor.name())));
            }
        }
        plan.addRopeFactors(architecture.ropeFactors());
        return plan;
    }

    /** A tensor that has no place in the file and is needed would leave a model that says something else. */
    private static void checkNeedless(String name, boolean tied) {
        boolean needless = name.endsWith(".rotary_emb.inv_freq") || name.endsWith(".masked_bias") || tied && name.equals("lm_head.weight");
        if (!needless) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The tensor " + name + " has no place in a GGUF file of this architecture that Crema knows.",
                "Convert with llama.cpp's convert_hf_to_gguf.py to F16; crema convert takes the GGUF from there.");
        }
    }

    private void addRopeFactors(float[] factors) {
        if (factors != null) {
            tensors.add(new PlannedTensor("rope_freqs.weight", MemoryTensor.of("rope_freqs.weight", factors), DType.F32, 0));
        }
    }

    void writeKeys(GgufWriter writer) {
        keys.accept(writer);
    }

    long bytes() {
        return tensors.stream().mapToLong(PlannedTensor::bytes).sum();
    }
}
