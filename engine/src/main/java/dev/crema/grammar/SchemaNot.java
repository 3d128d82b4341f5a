package dev.crema.grammar;

import dev.crema.CremaException;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** {@code not} where what is left can be said: of a list of values others of it, of types other types, of strings all but some. */
final class SchemaNot {
    private static final List<String> TYPES = List.of("null", "boolean", "object", "array", "number", "string");
    private static final Set<String> STRINGS = Set.of("type", "not");

    private SchemaNot() { }

    /** The schema without {@code not}, which it says in other words; or as it is where only {@link #strings} can say it. */
    static SchemaNode resolved(SchemaNode node) {
        if (Json.FALSE.equals(node.get("not"))) {
            return node.without("not");
        }
        if (!(node.get("not") instanceof Json.Obj object) || !isPlain(object)) {
            throw refused(node);
        }
        var not = new SchemaNode(object, node.path() + "/not");
        if (node.has("enum") || node.has("const")) {
            var left = new Json.Arr();
            for (Json value : JsonSchema.values(node)) {
                if (!isOf(value, not)) {
                    left.add(value);
                }
            }
            SchemaNode rest = node.without("not", "enum", "const");
            rest.object().put("enum", left);
            return rest;
        }
        if (not.has("enum") || not.has("const")) {
            strings(node);
            return node;
        }
        var types = new Json.Arr();
        for (String type : node.has("type") ? JsonSchema.types(node) : TYPES) {
            if (JsonSchema.types(not).contains("integer") && type.equals("number")) {
                throw refused(node);
            }
            boolean excluded = JsonSchema.types(not).contains(type) || type.equals("integer") && JsonSchema.types(not).contains("number");
            if (!excluded) {
                types.add(Json.of(type));
            }
        }
        if (types.size() == 0) {
            throw node.error("not", "allows no type");
        }
        SchemaNode rest = node.without("not");
        rest.object().put("type", types);
        return rest;
    }

    /** The strings that a schema of strings does not allow. */
    static List<String> strings(SchemaNode node) {
        for (String keyword : node.object().members().keySet()) {
            if (!STRINGS.contains(keyword) && !JsonSchema.ANNOTATIONS.contains(keyword)) {
                throw refused(node);
            }
        }
        var not = new SchemaNode((Json.Obj) node.get("not"), node.path() + "/not");
        List<String> strings = new ArrayList<>();
        for (Json value : JsonSchema.values(not)) {
            if (value instanceof Json.Str string) {
                strings.add(string.value());
            }
        }
        if (!Json.of("string").equals(node.get("type")) || strings.isEmpty()) {
            throw refused(node);
        }
        return strings;
    }

    private static boolean isOf(Json value, SchemaNode not) {
        boolean listed = !not.has("enum") && !not.has("const") || JsonSchema.values(not).contains(value);
        return listed && (!not.has("type") || JsonSchema.hasType(value, not));
    }

    /** Only types and values, so that what is not of them is known. */
    private static boolean isPlain(Json.Obj not) {
        boolean says = false;
        for (String keyword : not.members().keySet()) {
            boolean plain = keyword.equals("type") || keyword.equals("enum") || keyword.equals("const");
            says |= plain;
            if (!plain && !JsonSchema.ANNOTATIONS.contains(keyword)) {
                return false;
            }
        }
        return says;
    }

    private static CremaException refused(SchemaNode node) {
        return node.unsupported("not", " but for types, for values of an 'enum', and for single strings");
    }
}
