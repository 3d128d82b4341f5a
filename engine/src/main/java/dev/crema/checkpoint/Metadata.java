package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The key-value part of a GGUF file. A value is a Long, Double, Boolean, String, or an array: {@code String[]}, {@code long[]}, {@code double[]},
 * {@code float[]}, {@code int[]}, {@code byte[]} (also of booleans). Reading a key as another type than it has is INVALID_CHECKPOINT.
 */
public final class Metadata {
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final Map<String, Integer> types = new LinkedHashMap<>();

    public Map<String, Object> values() {
        return values;
    }

    public void put(String key, Object value) {
        values.put(key, value);
    }

    /** As it stood in a file: {@code type} is GGUF's id of the value's type, of an array that of its elements. */
    public void put(String key, Object value, int type) {
        values.put(key, value);
        types.put(key, type);
    }

    /** GGUF's id of the type that the value (an array's elements) had in the file, or -1. */
    public int type(String key) {
        return types.getOrDefault(key, -1);
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public String string(String key, String otherwise) {
        return values.get(key) instanceof String value ? value : otherwise(key, "a string", otherwise);
    }

    public long integer(String key, long otherwise) {
        return values.get(key) instanceof Long value ? value : otherwise(key, "a whole number", otherwise);
    }

    public double number(String key, double otherwise) {
        Object value = values.get(key);
        return value instanceof Double number ? number : value instanceof Long whole ? whole : otherwise(key, "a number", otherwise);
    }

    public boolean bool(String key, boolean otherwise) {
        return values.get(key) instanceof Boolean value ? value : otherwise(key, "true or false", otherwise);
    }

    /** Null where the key is missing. */
    public String[] strings(String key) {
        return values.get(key) instanceof String[] value ? value : otherwise(key, "an array of strings", null);
    }

    /** Null where the key is missing. */
    public float[] floats(String key) {
        return values.get(key) instanceof float[] value ? value : otherwise(key, "an array of 32-bit floats", null);
    }

    /** Null where the key is missing. */
    public int[] integers(String key) {
        return values.get(key) instanceof int[] value ? value : otherwise(key, "an array of 32-bit integers", null);
    }

    /** For a key that is missing; one that is there has the wrong type. (No {@code Class} here: TeaVM has none for arrays of numbers.) */
    private <T> T otherwise(String key, String expected, T otherwise) {
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        String found = value instanceof String ? "a string" : value instanceof Long ? "a whole number" : value instanceof Double ? "a number"
            : value instanceof Boolean ? "true or false" : "an array of another type";
        throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "GGUF key " + key + " is " + found + ", expected " + expected + ".",
            "The file may be damaged or made by a broken converter.");
    }
}
