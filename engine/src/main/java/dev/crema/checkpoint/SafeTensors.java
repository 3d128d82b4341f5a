package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.device.Bytes;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Reads the headers of safetensors files (github.com/huggingface/safetensors): 8 bytes of header length, the header in JSON, then the
 * tensors' bytes. As in the reference implementation the data must be covered without hole or overlap.
 */
final class SafeTensors {
    /** The largest published headers have some 10 MB; JSON in memory takes a multiple of its text. */
    private static final int MAX_HEADER_BYTES = 32 << 20;
    private static final int MAX_RANK = 8;

    private SafeTensors() { }

    /** The tensors of one file. */
    static Map<String, TensorEntry> awaitRead(String fileName, Bytes file) {
        var tensors = new LinkedHashMap<String, TensorEntry>();
        awaitReadInto(fileName, file, tensors);
        return tensors;
    }

    /** The tensors of all files that {@code model.safetensors.index.json} names. */
    static Map<String, TensorEntry> awaitReadSharded(String indexName, Json.Obj index, ModelFiles files) {
        if (!(index.get("weight_map") instanceof Json.Obj weightMap)) {
            throw Damage.invalid(indexName, "there is no object \"weight_map\"");
        }
        var shards = new LinkedHashSet<String>();
        for (Map.Entry<String, Json> weight : weightMap.members().entrySet()) {
            shards.add(shardName(indexName, weight.getKey(), weight.getValue()));
        }
        var tensors = new LinkedHashMap<String, TensorEntry>();
        for (String shard : shards) {
            Bytes file = files.awaitOpen(shard);
            if (file == null) {
                throw Damage.invalid(indexName, "the file " + shard + " that it names is missing (one of " + shards.size() + ")");
            }
            awaitReadInto(shard, file, tensors);
        }
        for (String name : weightMap.members().keySet()) {
            if (!tensors.containsKey(name)) {
                throw Damage.invalid(indexName, "tensor " + name + " is in none of the " + shards.size() + " files");
            }
        }
        return tensors;
    }

    /** A shard lies beside its index; a path would reach files that nobody meant to open. */
    private static String shardName(String indexName, String tensor, Json value) {
        if (value instanceof Json.Str name && !name.value().isEmpty() && name.value().indexOf('/') < 0 && name.value().indexOf('\\') < 0
                && !name.value().startsWith("..")) {
            return name.value();
        }
        throw Damage.invalid(indexName, "tensor " + tensor + " should lie in " + value + ", which is no file name");
    }

    private static void awaitReadInto(String fileName, Bytes file, Map<String, TensorEntry> tensors) {
        if (file.length() < 8) {
            throw Damage.invalid(fileName, "a safetensors file has at least 8 bytes, this one has " + file.length());
        }
        var prefix = new byte[8];
        file.awaitRead(0, prefix, 0, 8);
        long headerLength = 0;
        for (int i = 7; i >= 0; i--) {
            headerLength = headerLength << 8 | prefix[i] & 0xff;
        }
        if (headerLength < 2 || headerLength > file.length() - 8 || headerLength > MAX_HEADER_BYTES) {
            throw Damage.invalid(fileName, "the header should have " + Damage.unsigned(headerLength) + " bytes; the file has " + file.length()
                + ", and " + MAX_HEADER_BYTES + " is the limit");
        }
        var header = new byte[(int) headerLength];
        file.awaitRead(8, header, 0, header.length);
        List<TensorPlace> places = places(fileName, parse(fileName, header));
        TensorPlace.place(fileName, file, 8 + headerLength, places, tensors);
        long covered = 0;
        for (TensorPlace place : places) {
            covered += place.end() - place.begin();
        }
        if (covered != file.length() - 8 - headerLength) {
            throw Damage.invalid(fileName, "the tensors cover " + covered + " of " + (file.length() - 8 - headerLength) + " bytes of data");
        }
    }

    private static Json.Obj parse(String fileName, byte[] header) {
        try {
            return JsonParser.parseObject(new String(header, StandardCharsets.UTF_8));
        } catch (CremaException e) {
            throw Damage.invalid(fileName, "the header of " + header.length + " bytes is no JSON object (" + e.getMessage() + ")");
        }
    }

    private static List<TensorPlace> places(String fileName, Json.Obj header) {
        var places = new ArrayList<TensorPlace>();
        for (Map.Entry<String, Json> member : header.members().entrySet()) {
            if (!member.getKey().equals("__metadata__")) {
                places.add(place(fileName, member.getKey(), member.getValue()));
            }
        }
        return places;
    }

    private static TensorPlace place(String fileName, String name, Json value) {
        if (!(value instanceof Json.Obj entry) || !(entry.get("dtype") instanceof Json.Str dtypeName)) {
            throw Damage.invalid(fileName, "tensor " + name + " has no dtype");
        }
        DType dtype = dtype(fileName, name, dtypeName.value());
        long[] extents = wholeNumbers(fileName, name, "shape", entry.get("shape"), MAX_RANK);
        long[] offsets = wholeNumbers(fileName, name, "data_offsets", entry.get("data_offsets"), 2);
        if (offsets.length != 2) {
            throw Damage.invalid(fileName, "tensor " + name + " has " + offsets.length + " data_offsets, expected 2");
        }
        Shape shape = TensorPlace.shape(fileName, name, extents);
        // The elements fit into 63 bits, their bytes need not: compare without multiplying.
        long bytes = offsets[1] - offsets[0];
        long elements = TensorPlace.elements(extents);
        if (bytes < 0 || bytes % dtype.blockBytes() != 0 || bytes / dtype.blockBytes() != elements) {
            throw Damage.invalid(fileName, "tensor " + name + " " + dtypeName.value() + shape + " does not fill its bytes " + offsets[0] + " to "
                + offsets[1]);
        }
        return new TensorPlace(name, dtype, shape, offsets[0], offsets[1]);
    }

    private static DType dtype(String fileName, String tensor, String name) {
        DType dtype = switch (name) {
            case "F64" -> DType.F64;
            case "F32" -> DType.F32;
            case "F16" -> DType.F16;
            case "BF16" -> DType.BF16;
            case "I64" -> DType.I64;
            case "I32" -> DType.I32;
            case "I16" -> DType.I16;
            case "I8" -> DType.I8;
            case "U64" -> DType.U64;
            case "U32" -> DType.U32;
            case "U16" -> DType.U16;
            case "U8" -> DType.U8;
            case "BOOL" -> DType.BOOL;
            case "F8_E4M3" -> DType.F8_E4M3;
            case "F8_E5M2" -> DType.F8_E5M2;
            default -> null;
        };
        if (dtype == null) {
            throw Damage.unsupported(fileName + ": tensor " + tensor + " has the dtype " + name + ", which Crema does not know.",
                "Take the model in F32, F16 or BF16, or as GGUF.");
        }
        return dtype;
    }

    private static long[] wholeNumbers(String fileName, String tensor, String key, Json value, int atMost) {
        if (!(value instanceof Json.Arr array) || array.size() > atMost) {
            throw Damage.invalid(fileName, "tensor " + tensor + " has no valid " + key + ": " + shorten(value));
        }
        var numbers = new long[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            // 18 digits always fit into a long.
            if (!(array.get(i) instanceof Json.Num number) || !number.isInteger() || number.text().charAt(0) == '-' || number.text().length() > 18) {
                throw Damage.invalid(fileName, "tensor " + tensor + " has " + key + " " + shorten(value));
            }
            numbers[i] = number.longValue();
        }
        return numbers;
    }

    private static String shorten(Json value) {
        String text = String.valueOf(value);
        return text.length() > 80 ? text.substring(0, 80) + "..." : text;
    }
}
