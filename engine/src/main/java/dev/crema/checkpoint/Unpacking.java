package dev.crema.checkpoint;

import dev.crema.json.Json;

import java.util.Map;

/** Weights that are packed into several tensors each, as the config's {@code quantization_config} says, become one tensor in a format of ours. */
final class Unpacking {
    private Unpacking() { }

    /**
     * The tensors as a model family asks for them. The config's section is taken out where packed weights were found; a method that is not known here stays,
     * and is refused by name when the model is built.
     */
    static Map<String, TensorEntry> awaitUnpack(Json.Obj config, Map<String, TensorEntry> tensors) {
        var packed = new PackedTensors(tensors);
        if (PackedTensors.text(config, "model_type", "").equals("gpt_oss")) {
            // In blocks or not, its experts' rows take turns.
            GptOssExperts.unpack(packed);
        }
        if (!(config.get("quantization_config") instanceof Json.Obj quantization)) {
            return DeviceFormats.of(packed.result());
        }
        boolean known = switch (PackedTensors.text(quantization, "quant_method", "")) {
            case "gptq" -> {
                GroupedWeights.unpack(packed, quantization, false);
                yield true;
            }
            case "awq" -> {
                GroupedWeights.unpack(packed, quantization, true);
                yield true;
            }
            case "bitsandbytes" -> {
                BitsAndBytes.awaitUnpack(packed);
                yield true;
            }
            case "fp8", "fbgemm_fp8" -> {
                ScaledFloat8.unpack(packed);
                yield true;
            }
            case "compressed-tensors" -> {
                boolean floats = PackedTensors.text(quantization, "format", "").equals("float-quantized");
                if (floats) {
                    ScaledFloat8.unpack(packed);
                }
                yield floats;
            }
            // gpt-oss's: done.
            case "mxfp4" -> true;
            default -> false;
        };
        if (known && packed.changed()) {
            config.members().remove("quantization_config");
        }
        return DeviceFormats.of(packed.result());
    }
}
