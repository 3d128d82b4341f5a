package dev.crema.jvm.cli;

import dev.crema.CremaException;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.GgufFiles;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.device.Bytes;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.tensor.DType;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How weights stand in their files, where that is another format than the one that they are read as. */
final class StoredFormat {
    private static final int MAX_CONFIG_BYTES = 16 << 20;

    private StoredFormat() { }

    /** Null where they are read as they stand there. */
    static String of(ModelFiles files, Checkpoint checkpoint) {
        return switch (checkpoint.format()) {
            case "gguf" -> gguf(files, checkpoint);
            case "mlc" -> text(json(files, "mlc-chat-config.json"), "quantization");
            default -> json(files, "config.json").get("quantization_config") instanceof Json.Obj quantization ? packed(quantization) : null;
        };
    }

    private static String packed(Json.Obj quantization) {
        String method = text(quantization, "quant_method");
        String bits = quantization.get("bits") instanceof Json.Num number ? number + " bits" : null;
        String four = Json.TRUE.equals(quantization.get("load_in_4bit")) ? text(quantization, "bnb_4bit_quant_type") : null;
        String eight = Json.TRUE.equals(quantization.get("load_in_8bit")) ? "int8" : null;
        String group = quantization.get("group_size") instanceof Json.Num size ? "groups of " + size : null;
        return Stream.of(method, four, eight, bits, group, text(quantization, "format")).filter(Objects::nonNull)
            .collect(Collectors.joining(", "));
    }

    private static String gguf(ModelFiles files, Checkpoint checkpoint) {
        GgufFiles gguf = GgufFiles.awaitFind(files);
        if (gguf == null || checkpoint.tensors().values().stream().map(TensorEntry::dtype).collect(Collectors.toSet())
                .equals(gguf.tensors().values().stream().map(TensorEntry::dtype).collect(Collectors.toSet()))) {
            return null;
        }
        var counts = new EnumMap<DType, Integer>(DType.class);
        gguf.tensors().values().forEach(tensor -> counts.merge(tensor.dtype(), 1, Integer::sum));
        return counts.entrySet().stream().map((Map.Entry<DType, Integer> entry) -> entry.getValue() + " " + entry.getKey()).collect(Collectors.joining(", "));
    }

    private static String text(Json.Obj json, String key) {
        return json.get(key) instanceof Json.Str text ? text.value() : null;
    }

    /** An empty object where there is no such file, or none that could be read. */
    private static Json.Obj json(ModelFiles files, String name) {
        Bytes file = files.awaitOpen(name);
        if (file == null || file.length() > MAX_CONFIG_BYTES) {
            return new Json.Obj();
        }
        byte[] bytes = new byte[(int) file.length()];
        file.awaitRead(0, bytes, 0, bytes.length);
        try {
            return JsonParser.parseObject(new String(bytes, StandardCharsets.UTF_8));
        } catch (CremaException e) {
            return new Json.Obj();
        }
    }
}
