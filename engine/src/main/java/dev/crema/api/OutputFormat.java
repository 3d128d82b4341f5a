package dev.crema.api;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.grammar.GbnfParser;
import dev.crema.grammar.Grammar;
import dev.crema.grammar.JsonRules;
import dev.crema.grammar.JsonSchema;
import dev.crema.grammar.RegexParser;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.util.List;
import java.util.Set;

/**
 * What a reply has to look like: {@code response_format}, or the extensions {@code grammar} (GBNF) and {@code regex}.
 *
 * @param param  the field that asked for it, for errors
 * @param source a schema, or the text of a grammar or an expression; null for any object
 */
record OutputFormat(Kind kind, String param, Json source) {
    enum Kind { JSON_OBJECT, JSON_SCHEMA, GRAMMAR, REGEX }

    static final Set<String> NAMES = Set.of("response_format", "grammar", "regex");
    private static final int MAX_NAME = 64;

    /** Null where any text will do. */
    static OutputFormat read(Fields fields) {
        OutputFormat wanted = null;
        for (OutputFormat format : new OutputFormat[] {responseFormat(fields.object("response_format")), text(fields, "grammar", Kind.GRAMMAR),
                text(fields, "regex", Kind.REGEX)}) {
            if (format != null && wanted != null) {
                throw Fields.invalid(format.param, "'" + wanted.param + "' and '" + format.param + "' can't both shape the reply; send one of them.");
            }
            wanted = format == null ? wanted : format;
        }
        return wanted;
    }

    private static OutputFormat text(Fields fields, String name, Kind kind) {
        return fields.has(name) && !fields.requiredString(name).isEmpty() ? new OutputFormat(kind, fields.path() + name, fields.get(name)) : null;
    }

    private static OutputFormat responseFormat(Fields format) {
        if (format == null) {
            return null;
        }
        return switch (format.oneOf("type", "text", "json_object", "json_schema", "grammar")) {
            case "json_object" -> {
                format.allowOnly(Set.of("type", "schema"), Set.of());
                yield format.has("schema") ? new OutputFormat(Kind.JSON_SCHEMA, format.path() + "schema", schema(format))
                    : new OutputFormat(Kind.JSON_OBJECT, "response_format", null);
            }
            case "json_schema" -> jsonSchema(format);
            case "grammar" -> {
                format.allowOnly(Set.of("type", "grammar"), Set.of());
                yield new OutputFormat(Kind.GRAMMAR, format.path() + "grammar", Json.of(format.requiredString("grammar")));
            }
            default -> {
                format.allowOnly(Set.of("type"), Set.of());
                yield null;
            }
        };
    }

    private static OutputFormat jsonSchema(Fields format) {
        format.allowOnly(Set.of("type", "json_schema"), Set.of());
        Fields inner = format.object("json_schema");
        if (inner == null) {
            throw format.missing("json_schema", "an object");
        }
        inner.allowOnly(Set.of("name", "description", "schema", "strict"), Set.of());
        checkName(inner);
        inner.string("description", null);
        inner.flag("strict", false);
        return inner.has("schema") ? new OutputFormat(Kind.JSON_SCHEMA, inner.path() + "schema", schema(inner))
            : new OutputFormat(Kind.JSON_OBJECT, "response_format", null);
    }

    private static void checkName(Fields fields) {
        String name = fields.requiredString("name");
        boolean valid = !name.isEmpty() && name.length() <= MAX_NAME;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            valid &= c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-';
        }
        if (!valid) {
            throw Fields.wrong(fields.path() + "name", "1 to " + MAX_NAME + " letters, digits, '_' or '-'", Json.of(name));
        }
    }

    /** An object, or the text of one, as WebLLM takes it. */
    private static Json schema(Fields fields) {
        Json given = fields.get("schema");
        if (given instanceof Json.Str text) {
            try {
                return JsonParser.parseObject(text.value());
            } catch (CremaException notJson) {
                throw Fields.wrong(fields.path() + "schema", "a JSON Schema", given);
            }
        }
        if (given instanceof Json.Obj) {
            return given;
        }
        throw Fields.wrong(fields.path() + "schema", "a JSON Schema", given);
    }

    /** Tells formats that are the same by the same text. */
    String key() {
        return kind + " " + source;
    }

    Grammar grammar() {
        return switch (kind) {
            case JSON_OBJECT -> JsonRules.anyObject();
            case JSON_SCHEMA -> JsonSchema.parse(source);
            case GRAMMAR -> GbnfParser.parse(((Json.Str) source).value());
            case REGEX -> RegexParser.parse(((Json.Str) source).value());
        };
    }

    /** An error of the grammar as one of the field that brought it. */
    static CremaException of(String param, CremaException error) {
        boolean ofRequest = List.of(ErrorCode.INVALID_REQUEST, ErrorCode.UNSUPPORTED_PARAMETER).contains(error.code());
        return ofRequest && error.param() == null ? CremaException.ofParam(error.code(), param, error.getMessage(), error.hint()) : error;
    }
}
