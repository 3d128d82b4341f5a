package dev.crema.tokenizer;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;

/** A JSON object of tokenizer.json with its place in the file, which errors name: {@code model.vocab is missing}. */
record Fields(String path, Json.Obj object) {
    static CremaException invalid(String what) {
        return new CremaException(ErrorCode.INVALID_CHECKPOINT, what, "The tokenizer's file is damaged or incomplete; download it again.");
    }

    static CremaException unsupported(String path, String what) {
        return new CremaException(ErrorCode.UNSUPPORTED_MODEL, path + " " + what + ", which is not supported.",
            "Crema reads byte-level BPE and SentencePiece-style BPE tokenizers; try another model or its GGUF file.");
    }

    static CremaException wrongType(String path, String expected, Json found) {
        return invalid(path + (found == null ? " is missing" : " is of type " + found.kind()) + ", expected " + expected + ".");
    }

    static Fields of(String path, Json value) {
        if (value instanceof Json.Obj object) {
            return new Fields(path, object);
        }
        throw wrongType(path, "an object", value);
    }

    String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    boolean has(String name) {
        return object.has(name);
    }

    Json get(String name) {
        return object.get(name);
    }

    Fields fields(String name) {
        return of(path(name), object.get(name));
    }

    Json.Arr array(String name) {
        if (object.get(name) instanceof Json.Arr array) {
            return array;
        }
        throw wrongType(path(name), "an array", object.get(name));
    }

    String string(String name) {
        return string(path(name), object.get(name));
    }

    String string(String name, String otherwise) {
        return has(name) ? string(name) : otherwise;
    }

    static String string(String path, Json value) {
        if (value instanceof Json.Str string) {
            return string.value();
        }
        throw wrongType(path, "a string", value);
    }

    boolean bool(String name, boolean otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        if (object.get(name) instanceof Json.Bool bool) {
            return bool.value();
        }
        throw wrongType(path(name), "a boolean", object.get(name));
    }

    /** A whole number in {@code [0, limit)}. */
    int index(String name, int limit) {
        return index(name, object.get(name), limit);
    }

    /** {@code value} of the member {@code name} as a whole number in {@code [0, limit)}. */
    int index(String name, Json value, int limit) {
        if (!(value instanceof Json.Num number) || !number.isInteger()) {
            throw wrongType(path(name), "a whole number", value);
        }
        // Up to nine digits fit in an int; more are out of range anyway.
        int index = number.text().length() > 9 || number.text().startsWith("-") ? -1 : (int) number.longValue();
        if (index < 0 || index >= limit) {
            throw invalid(path(name) + " is " + number.text() + ", expected 0 to " + (limit - 1) + ".");
        }
        return index;
    }
}
