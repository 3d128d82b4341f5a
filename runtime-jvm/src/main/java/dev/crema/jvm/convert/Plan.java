package dev.crema.jvm.convert;

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
    /** The tensors of the source, as they stand there. */
    final List<TensorEntry> sources = new ArrayList<>();
    final String name;
    private final Consumer<GgufWriter> keys;

    private Plan(String name, Consumer<GgufWriter> keys) {
        this.name = name;
        this.keys = keys;
    }

    /** Opens the model; {@code skipped} hears of tensors that have no place in the new file. */
    static Plan awaitOpen(ModelFiles files, TypeMix mix, Consumer<String> skipped) {
        GgufFiles gguf = isHuggingFace(files) ? null : GgufFiles.awaitFind(files);
        if (gguf != null) {
            return ofGguf(files.name(), gguf, mix);
        }
        Checkpoint checkpoint = Checkpoints.awaitOpen(files);
        // GGUF after all, in a folder that can't be listed.
        return checkpoint.metadata() != null ? ofGguf(checkpoint.name(), GgufFiles.awaitFind(Checkpoints.awaitListed(files)), mix) : ofCheckpoint(checkpoint, mix, skipped);
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
            plan.sources.add(tensor);
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
        var architecture = new GgufExport(new Config(checkpoint.config()));
        GgufTokens tokens = checkpoint.vocabularyFile() == null ? new GgufTokens(checkpoint) : null;
        int vocabulary = architecture.vocabulary();
        var plan = new Plan(checkpoint.name(), writer -> {
            architecture.writeTo(writer);
            writer.put("general.name", checkpoint.name());
            writeType(writer, mix);
            if (tokens == null) {
                GgufPieces.write(checkpoint, writer, vocabulary);
            } else {
                tokens.writeTo(writer, vocabulary);
            }
        });
        plan.sources.addAll(checkpoint.tensors().values());
        for (GgufExport.Tensor tensor : architecture.tensors(plan.sources, skipped)) {
            TensorEntry from = tensor.from();
            plan.tensors.add(new PlannedTensor(tensor.name(), from, mix.of(tensor.name(), from.shape(), from.dtype()), tensor.addend()));
        }
        return plan;
    }

    void writeKeys(GgufWriter writer) {
        keys.accept(writer);
    }
}
