package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;

/** config.json with checked access: a key that is missing or of another type is an error that names it. */
public final class Config {
    private final Json.Obj json;
    private final String path;

    public Config(Json.Obj json) {
        this(json, "");
    }

    private Config(Json.Obj json, String path) {
        this.json = json;
        this.path = path;
    }

    public Json.Obj json() {
        return json;
    }

    public boolean has(String key) {
        return json.has(key);
    }

    /** The same with the value of {@code name} also under {@code standard}, where that is missing: for families that call things otherwise. */
    public Config alias(String name, String standard) {
        if (!has(name) || has(standard)) {
            return this;
        }
        var copy = new Json.Obj();
        json.members().forEach(copy::put);
        return new Config(copy.put(standard, json.get(name)), path);
    }

    /** The same with {@code value} under {@code key}, where that is missing. */
    public Config otherwise(String key, Json value) {
        if (has(key)) {
            return this;
        }
        var copy = new Json.Obj();
        json.members().forEach(copy::put);
        return new Config(copy.put(key, value), path);
    }

    /** A positive whole number. */
    public int size(String key) {
        Json value = require(key);
        if (value instanceof Json.Num number && number.isInteger() && number.text().length() < 11) {
            long size = number.longValue();
            if (size > 0 && size <= Integer.MAX_VALUE) {
                return (int) size;
            }
        }
        throw wrong(key, "a positive whole number", value);
    }

    public int size(String key, int otherwise) {
        return has(key) ? size(key) : otherwise;
    }

    public double number(String key) {
        Json value = require(key);
        if (value instanceof Json.Num number) {
            return number.doubleValue();
        }
        throw wrong(key, "a number", value);
    }

    public double number(String key, double otherwise) {
        return has(key) ? number(key) : otherwise;
    }

    public boolean bool(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (json.get(key) instanceof Json.Bool bool) {
            return bool.value();
        }
        throw wrong(key, "true or false", json.get(key));
    }

    public String string(String key, String otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (json.get(key) instanceof Json.Str string) {
            return string.value();
        }
        throw wrong(key, "a string", json.get(key));
    }

    /** The object under {@code key}, or null. */
    public Config section(String key) {
        if (!has(key)) {
            return null;
        }
        if (json.get(key) instanceof Json.Obj object) {
            return new Config(object, path + key + ".");
        }
        throw wrong(key, "an object", json.get(key));
    }

    private Json require(String key) {
        if (!has(key)) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's config has no " + path + key + ".",
                "Check that config.json (or the GGUF header) is the one that belongs to the weights.");
        }
        return json.get(key);
    }

    private CremaException wrong(String key, String expected, Json found) {
        String text = found.toString();
        return new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's config has " + path + key + " = "
            + (text.length() > 60 ? text.substring(0, 60) + "..." : text) + ", expected " + expected + ".", "");
    }
}
