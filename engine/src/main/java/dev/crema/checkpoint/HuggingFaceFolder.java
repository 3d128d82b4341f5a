package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Bytes;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A folder as the Hugging Face hub has it: config.json, safetensors, tokenizer.json and what else belongs to a model. */
final class HuggingFaceFolder {
    /** The largest published tokenizer.json has 33 MB; JSON in memory takes a multiple of its text. */
    private static final int MAX_TEXT_BYTES = 64 << 20;
    private static final String WEIGHTS = "model.safetensors";
    private static final String POOLING = "1_Pooling/config.json";
    private static final String INDEX = "model.safetensors.index.json";

    private HuggingFaceFolder() { }

    /** {@code config} is the open config.json. */
    static Checkpoint awaitOpen(ModelFiles files, Bytes config) {
        Json.Obj configJson = awaitReadJson("config.json", config);
        awaitPooling(files, configJson);
        Map<String, TensorEntry> tensors = Unpacking.awaitUnpack(configJson, awaitTensors(files));
        Json.Obj generationConfig = awaitJson(files, "generation_config.json", new Json.Obj());
        Json.Obj tokenizer = awaitJson(files, "tokenizer.json", null);
        Json.Obj tokenizerConfig = awaitJson(files, "tokenizer_config.json", new Json.Obj());
        String template = awaitChatTemplate(files, tokenizerConfig);
        VocabularyFile vocabulary = VocabularyFile.awaitFind(files, tokenizer);
        if (vocabulary != null && !tokenizerConfig.has("added_tokens_decoder")) {
            addTokens(tokenizerConfig, awaitJson(files, "added_tokens.json", new Json.Obj()));
        }
        return new Checkpoint(files.name(), "safetensors", configJson, generationConfig, tensors, null, tokenizer, tokenizerConfig, template, vocabulary);
    }

    /** What older folders have in a file of its own, token to id, in the place that newer ones have it in. */
    private static void addTokens(Json.Obj tokenizerConfig, Json.Obj addedTokens) {
        var decoder = new Json.Obj();
        for (Map.Entry<String, Json> token : addedTokens.members().entrySet()) {
            decoder.put(token.getValue().toString(), new Json.Obj().put("content", token.getKey()).put("special", true));
        }
        tokenizerConfig.put("added_tokens_decoder", decoder);
    }

    /**
     * sentence-transformers' file. Where files can't be listed, it is looked for only where embeddings are what the model is for, since most
     * folders would answer with 404.
     */
    private static void awaitPooling(ModelFiles files, Json.Obj config) {
        boolean causal = config.get("architectures") instanceof Json.Arr all && all.size() > 0 && all.get(0) instanceof Json.Str name
            && name.value().endsWith("ForCausalLM");
        boolean sought = files.names() != null ? files.names().contains(POOLING) : !causal || files.name().toLowerCase().contains("embed");
        Json.Obj pooling = sought ? awaitJson(files, POOLING, null) : null;
        if (pooling != null) {
            for (String[] mode : new String[][] {{"cls_token", "cls"}, {"mean_tokens", "mean"}, {"lasttoken", "last"}, {"max_tokens", "max"}}) {
                if (Json.TRUE.equals(pooling.get("pooling_mode_" + mode[0]))) {
                    config.put("pooling", mode[1]);
                }
            }
        }
    }

    private static Map<String, TensorEntry> awaitTensors(ModelFiles files) {
        Bytes weights = files.awaitOpen(WEIGHTS);
        if (weights != null) {
            return SafeTensors.awaitRead(WEIGHTS, weights);
        }
        Json.Obj index = awaitJson(files, INDEX, null);
        if (index != null) {
            return SafeTensors.awaitReadSharded(INDEX, index, files);
        }
        List<String> candidates = withSuffix(files.names(), ".safetensors");
        if (candidates.size() == 1) {
            return SafeTensors.awaitRead(candidates.get(0), files.awaitOpen(candidates.get(0)));
        }
        boolean pickled = !withSuffix(files.names(), ".bin").isEmpty();
        throw new CremaException(ErrorCode.INVALID_CHECKPOINT, files.name() + " has a config.json, but neither " + WEIGHTS + " nor " + INDEX
            + (candidates.isEmpty() ? "." : "; it has " + String.join(", ", candidates) + "."),
            pickled ? "PyTorch's .bin files are not read; convert them to safetensors." : "The download may be incomplete.");
    }

    static List<String> withSuffix(List<String> names, String suffix) {
        var matching = new ArrayList<String>();
        if (names != null) {
            for (String name : names) {
                if (name.toLowerCase().endsWith(suffix)) {
                    matching.add(name);
                }
            }
        }
        return matching;
    }

    /**
     * As transformers looks for it: a file of its own first, then the tokenizer's config. Where files can't be listed, each look is a
     * request that most folders answer with 404, so a template in the tokenizer's config is taken at once.
     */
    static String awaitChatTemplate(ModelFiles files, Json.Obj tokenizerConfig) {
        if (files.names() == null && tokenizerConfig.has("chat_template")) {
            return chatTemplate(tokenizerConfig.get("chat_template"));
        }
        Bytes jinja = files.awaitOpen("chat_template.jinja");
        if (jinja != null) {
            return awaitReadText("chat_template.jinja", jinja);
        }
        Json.Obj json = awaitJson(files, "chat_template.json", null);
        Json template = json != null && json.has("chat_template") ? json.get("chat_template") : tokenizerConfig.get("chat_template");
        return chatTemplate(template);
    }

    private static String chatTemplate(Json template) {
        if (template instanceof Json.Str source) {
            return source.value();
        }
        String standard = null;
        String toolUse = null;
        if (template instanceof Json.Arr named) {
            for (Json item : named.items()) {
                if (item instanceof Json.Obj entry && entry.get("name") instanceof Json.Str name && entry.get("template") instanceof Json.Str source) {
                    standard = name.value().equals("default") ? source.value() : standard;
                    toolUse = name.value().equals("tool_use") ? source.value() : toolUse;
                }
            }
        }
        return chooseByTools(standard, toolUse);
    }

    /** One template that is {@code toolUse} where tools are given, as transformers chooses between the two. Either may be null. */
    static String chooseByTools(String standard, String toolUse) {
        if (standard == null || toolUse == null) {
            return standard == null ? toolUse : standard;
        }
        return "{% if tools %}" + withoutLastNewline(toolUse) + "{% else %}" + withoutLastNewline(standard) + "{% endif %}";
    }

    /** Jinja drops it at a template's end, but not within one. */
    private static String withoutLastNewline(String source) {
        return source.endsWith("\n") ? source.substring(0, source.length() - 1) : source;
    }

    static Json.Obj awaitJson(ModelFiles files, String name, Json.Obj otherwise) {
        Bytes file = files.awaitOpen(name);
        return file == null ? otherwise : awaitReadJson(name, file);
    }

    static Json.Obj awaitReadJson(String name, Bytes file) {
        String text = awaitReadText(name, file);
        try {
            return JsonParser.parseObject(text);
        } catch (CremaException e) {
            throw Damage.invalid(name, "it is no JSON object (" + e.getMessage() + ")");
        }
    }

    private static String awaitReadText(String name, Bytes file) {
        if (file.length() > MAX_TEXT_BYTES) {
            throw Damage.invalid(name, "it has " + file.length() + " bytes, " + MAX_TEXT_BYTES + " is the limit");
        }
        var bytes = new byte[(int) file.length()];
        file.awaitRead(0, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
