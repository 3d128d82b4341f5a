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

    public Map<String, Object> values() {
        return values;
    }

    public void put(String key, Object value) {
        values.put(key, value);
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public String string(String key, String otherwise) {
        return get(key, String.class, otherwise);
    }

    public long integer(String key, long otherwise) {
        return get(key, Long.class, otherwise);
    }

    public double number(String key, double otherwise) {
        return values.get(key) instanceof Long whole ? whole : get(key, Double.class, otherwise);
    }

    public boolean bool(String key, boolean otherwise) {
        return get(key, Boolean.class, otherwise);
    }

    /** Null where the key is missing. */
    public String[] strings(String key) {
        return get(key, String[].class, null);
    }

    /** Null where the key is missing. */
    public float[] floats(String key) {
        return get(key, float[].class, null);
    }

    /** Null where the key is missing. */
    public int[] integers(String key) {
        return get(key, int[].class, null);
    }

    private <T> T get(String key, Class<T> type, T otherwise) {
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        if (!type.isInstance(value)) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "GGUF key " + key + " is a " + value.getClass().getSimpleName()
                + ", expected " + type.getSimpleName() + ".", "The file may be damaged or made by a broken converter.");
        }
        return type.cast(value);
    }
}
