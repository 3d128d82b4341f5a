package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.json.Json;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;

import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors of a checkpoint whose linear layers are packed into several tensors each; helps to find and read them, and to put one in their place. */
final class PackedTensors {
    final Map<String, TensorEntry> all;
    private final Map<String, TensorEntry> result;

    PackedTensors(Map<String, TensorEntry> all) {
        this.all = all;
        result = new LinkedHashMap<>(all);
    }

    /** Whether anything was packed. */
    boolean changed() {
        return !result.equals(all);
    }

    /** All tensors, with what was put in the place of others. */
    Map<String, TensorEntry> result() {
        return result;
    }

    void replace(TensorEntry tensor, String... parts) {
        for (String part : parts) {
            result.remove(part);
        }
        result.put(tensor.name(), tensor);
    }

    void remove(String name) {
        result.remove(name);
    }

    /** The tensor with a rank and format that its place demands. */
    TensorEntry get(String name, int rank, DType... formats) {
        TensorEntry tensor = all.get(name);
        if (tensor == null) {
            throw Damage.invalid(name, "this tensor of a packed weight is missing");
        }
        boolean known = formats.length == 0;
        for (DType format : formats) {
            known |= tensor.dtype() == format;
        }
        if (!known || tensor.shape().rank() != rank) {
            throw Damage.invalid(name, "this tensor of a packed weight is " + tensor.dtype() + tensor.shape());
        }
        return tensor;
    }

    static CremaException mismatch(TensorEntry tensor, String expected) {
        return Damage.invalid(tensor.name(), "this tensor of a packed weight is " + tensor.dtype() + tensor.shape() + ", expected " + expected);
    }

    static byte[] awaitBytes(TensorEntry tensor) {
        if (tensor.bytes().length() > Integer.MAX_VALUE - 16) {
            throw Damage.unsupported("Tensor " + tensor.name() + " has " + tensor.bytes().length() + " bytes, which is more than can be unpacked at once.", "");
        }
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        return bytes;
    }

    /** F32, F16 or BF16 as floats. */
    static float[] awaitFloats(TensorEntry tensor) {
        byte[] bytes = awaitBytes(tensor);
        float[] values = new float[(int) tensor.shape().elements()];
        Quant.dequantize(tensor.dtype(), bytes, 0, values, 0, values.length);
        return values;
    }

    /** Little-endian 32 bits. */
    static int word(byte[] bytes, int index) {
        int at = 4 * index;
        return bytes[at] & 255 | (bytes[at + 1] & 255) << 8 | (bytes[at + 2] & 255) << 16 | bytes[at + 3] << 24;
    }

    /** A whole number of a config, or {@code otherwise}. */
    static int number(Json.Obj config, String key, int otherwise) {
        return config.get(key) instanceof Json.Num number && number.isInteger() && number.text().length() < 10 ? (int) number.longValue() : otherwise;
    }

    static boolean flag(Json.Obj config, String key, boolean otherwise) {
        return config.get(key) instanceof Json.Bool flag ? flag.value() : otherwise;
    }

    static String text(Json.Obj config, String key, String otherwise) {
        return config.get(key) instanceof Json.Str text ? text.value() : otherwise;
    }
}
