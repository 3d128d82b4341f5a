package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Bytes;
import dev.crema.json.Json;

import java.util.List;
import java.util.Map;

/** Opens a model whatever its format: headers and small files only, no weights. */
public final class Checkpoints {
    private Checkpoints() { }

    /** The files that a folder's crema.json lists, where it has one, else the same files. */
    public static ModelFiles awaitListed(ModelFiles files) {
        ModelFiles listed = WebFolder.awaitOpen(files);
        return listed == null ? files : listed;
    }

    /**
     * Opens a GGUF file or its parts (known by the magic), a Hugging Face folder (known by its config.json), a folder
     * of MLC-LLM (known by its mlc-chat-config.json), or one that {@code crema convert}
     * made for the web (known by its crema.json). {@code INVALID_CHECKPOINT} where files are
     * missing or damaged, {@code UNSUPPORTED_MODEL} where they are whole and not known.
     */
    public static Checkpoint awaitOpen(ModelFiles files) {
        List<String> names = files.names();
        List<String> ggufs = HuggingFaceFolder.withSuffix(names, ".gguf");
        boolean folder = names == null || names.contains("config.json");
        if (folder && (ggufs.isEmpty() || !HuggingFaceFolder.withSuffix(names, ".safetensors").isEmpty())) {
            Bytes config = files.awaitOpen("config.json");
            if (config != null) {
                return HuggingFaceFolder.awaitOpen(files, config);
            }
        }
        if (names == null || names.contains(WebFolder.MANIFEST)) {
            ModelFiles listed = WebFolder.awaitOpen(files);
            if (listed != null) {
                return awaitOpen(listed);
            }
        }
        if (names == null || names.contains(MlcFolder.CONFIG)) {
            Bytes config = files.awaitOpen(MlcFolder.CONFIG);
            if (config != null) {
                return MlcFolder.awaitOpen(files, config);
            }
        }
        String only = GgufFiles.only(names);
        if (only == null) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, files.name() + (ggufs.isEmpty() ? " has no config.json and no GGUF file."
                : " has " + ggufs.size() + " GGUF files: " + String.join(", ", ggufs) + "."),
                "Name one GGUF file, or a folder with config.json, tokenizer.json and the safetensors.");
        }
        Bytes file = files.awaitOpen(only);
        if (file == null || !Gguf.awaitIsGguf(file)) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, only + (file == null ? " cannot be opened." : " is no GGUF file (" + file.length()
                + " bytes)."), "Name a GGUF file, or the folder that holds config.json beside the safetensors.");
        }
        return gguf(files.name(), GgufFiles.awaitRead(files, only, file));
    }

    /** The same, and a GGUF file of an architecture that is not known as it is: its own tensor names, and its scalar keys as the config. */
    public static Checkpoint awaitInspect(ModelFiles files) {
        try {
            return awaitOpen(files);
        } catch (CremaException refusal) {
            GgufFiles gguf = refusal.code() == ErrorCode.UNSUPPORTED_MODEL ? GgufFiles.awaitFind(files) : null;
            String architecture = gguf == null ? null : gguf.metadata().string("general.architecture", null);
            if (architecture == null || GgufArchitecture.named(architecture) != null) {
                throw refusal;
            }
            var config = new Json.Obj().put("model_type", architecture);
            gguf.metadata().values().forEach((key, value) -> {
                if (key.startsWith(architecture + ".")) {
                    String name = key.substring(architecture.length() + 1);
                    switch (value) {
                        case Long number -> config.put(name, number);
                        case Double number -> config.put(name, number);
                        case Boolean flag -> config.put(name, flag);
                        case String text -> config.put(name, text);
                        default -> { }
                    }
                }
            });
            return new Checkpoint(withoutSuffix(files.name()), "gguf", config, GgufConfig.generationConfig(gguf.metadata()), gguf.tensors(), gguf.metadata(), null,
                new Json.Obj(), null);
        }
    }

    private static Checkpoint gguf(String name, GgufFiles gguf) {
        String fileName = gguf.fileName();
        Metadata metadata = gguf.metadata();
        GgufArchitecture architecture = GgufConfig.architecture(fileName, metadata);
        Map<String, TensorEntry> tensors = GgufNames.translate(fileName, architecture, ScaledTensors.of(gguf.tensors()));
        Json.Obj config = GgufConfig.config(fileName, metadata, architecture, tensors);
        String template = HuggingFaceFolder.chooseByTools(metadata.string("tokenizer.chat_template", null),
            metadata.string("tokenizer.chat_template.tool_use", null));
        return new Checkpoint(withoutSuffix(name), "gguf", config, GgufConfig.generationConfig(metadata), DeviceFormats.of(tensors), metadata, null, new Json.Obj(),
            template);
    }

    private static String withoutSuffix(String name) {
        return name.toLowerCase().endsWith(".gguf") ? name.substring(0, name.length() - 5) : name;
    }
}
