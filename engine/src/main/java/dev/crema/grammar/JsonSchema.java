package dev.crema.grammar;

import static dev.crema.grammar.Expression.text;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.grammar.Expression.Choice;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a JSON Schema (2020-12, and what older drafts write otherwise) into a grammar of texts that are valid: never of one that is not, but for
 * {@code oneOf}, which is taken as {@code anyOf}, and unknown formats, which are remarks; yet not of all. Properties come in the order in
 * which they are declared, an object that declares properties has no others unless {@code additionalProperties} says so, and
 * a schema without a type has the type that its keywords are about. Unknown keywords are remarks; known ones that are not supported are refused with their place.
 */
public final class JsonSchema {
    /** Keywords that say nothing about what is valid. */
    static final Set<String> ANNOTATIONS = Set.of("title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly",
        "$schema", "$id", "id", "$comment", "$defs", "definitions", "$anchor", "$vocabulary", "strict", "contentEncoding", "contentMediaType");
    private static final Set<String> REFUSED = Set.of("if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies",
        "maxContains", "$dynamicRef", "$recursiveRef");
    private static final Set<String> OBJECT_KEYWORDS = Set.of("properties", "required", "additionalProperties", "minProperties", "maxProperties",
        "propertyNames", "patternProperties", "unevaluatedProperties");
    private static final Set<String> ARRAY_KEYWORDS = Set.of("items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems",
        "contains", "minContains", "unevaluatedItems");
    private static final Set<String> STRING_KEYWORDS = Set.of("minLength", "maxLength", "pattern", "format");
    private static final Set<String> NUMBER_KEYWORDS = Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");

    private final Json root;
    private final Map<String, Expression> rules;
    private final String prefix;
    private final Map<String, String> references = new HashMap<>();
    private int names;
    private int schemas;

    private JsonSchema(Json root, Map<String, Expression> rules, String prefix) {
        this.root = root;
        this.rules = rules;
        this.prefix = prefix;
    }

    /** @throws CremaException INVALID_REQUEST or UNSUPPORTED_PARAMETER, with keyword and place */
    public static Grammar parse(Json schema) {
        Map<String, Expression> rules = JsonRules.rules();
        rules.put("root", add(schema, rules, "s"));
        return new Grammar("root", rules);
    }

    /** An expression for values of {@code schema}; the rules that it needs go to {@code rules}, which has JSON's own, with names that start with {@code prefix}. */
    public static Expression add(Json schema, Map<String, Expression> rules, String prefix) {
        return add(schema, schema, "#", rules, prefix);
    }

    /** The same for a part of {@code root}, at {@code path}, whose references are to {@code root}. */
    public static Expression add(Json root, Json schema, String path, Map<String, Expression> rules, String prefix) {
        return new JsonSchema(root, rules, prefix).convert(schema, path, 0);
    }

    /** The rules that all schemas share. */
    public static Map<String, Expression> rules() {
        return JsonRules.rules();
    }

    Expression convert(Json schema, String path, int depth) {
        if (++schemas > Bounds.SCHEMAS) {
            throw Bounds.tooLarge("schemas", schemas, Bounds.SCHEMAS);
        }
        checkDepth(path, depth);
        return switch (schema) {
            case Json.Bool flag -> flag.value() ? JsonRules.VALUE : new Choice(List.of());
            case Json.Obj object -> convert(new SchemaNode(object, path), depth);
            default -> throw new CremaException(ErrorCode.INVALID_REQUEST, "The JSON Schema is wrong: at '" + path
                + "' there must be an object or a boolean, found " + schema.kind() + ".", "");
        };
    }

    private static void checkDepth(String path, int depth) {
        if (depth > Bounds.NESTING) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "The JSON Schema has more than " + Bounds.NESTING + " levels at '"
                + path.substring(0, Math.min(path.length(), 80)) + "'.", "Make it flatter.");
        }
    }

    private Expression convert(SchemaNode node, int depth) {
        for (String keyword : REFUSED) {
            if (node.has(keyword)) {
                throw node.unsupported(keyword, "");
            }
        }
        if (node.has("$ref")) {
            return asserts(node.without("$ref")) ? convert(resolved(node, depth), depth + 1) : reference(node, depth);
        }
        if (node.has("allOf")) {
            return convert(mergedAll(node, depth), depth + 1);
        }
        for (String keyword : List.of("anyOf", "oneOf")) {
            if (node.has(keyword)) {
                return any(node, keyword, depth);
            }
        }
        if (node.has("not")) {
            SchemaNode left = SchemaNot.resolved(node);
            if (!left.has("not")) {
                return convert(left, depth + 1);
            }
        }
        Expression value = node.has("const") || node.has("enum") ? listed(node) : typed(node, depth);
        return Json.TRUE.equals(node.get("nullable")) ? Expression.choice(value, JsonRules.NULL) : value;
    }

    private static boolean asserts(SchemaNode node) {
        for (String keyword : node.object().members().keySet()) {
            if (!ANNOTATIONS.contains(keyword)) {
                return true;
            }
        }
        return false;
    }

    /** A rule of its own for what a reference points to, which may be what it stands in. */
    private Expression reference(SchemaNode node, int depth) {
        String pointer = node.string("$ref");
        String known = references.get(pointer);
        if (known != null) {
            return Expression.rule(known);
        }
        Json target = target(node, pointer);
        String name = newName("ref");
        references.put(pointer, name);
        rules.put(name, Expression.EMPTY);
        rules.put(name, convert(target, pointer, depth + 1));
        return Expression.rule(name);
    }

    private Json target(SchemaNode node, String pointer) {
        if (!pointer.equals("#") && !pointer.startsWith("#/")) {
            throw node.error("$ref", "is '" + pointer + "'; only references within the schema ('#/$defs/name') are supported");
        }
        Json at = root;
        for (int start = 2; start <= pointer.length(); ) {
            int slash = pointer.indexOf('/', start);
            int end = slash < 0 ? pointer.length() : slash;
            String name = pointer.substring(start, end).replace("~1", "/").replace("~0", "~");
            at = at instanceof Json.Obj object ? object.get(name) : at instanceof Json.Arr array ? item(array, name) : null;
            if (at == null) {
                throw node.error("$ref", "is '" + pointer + "', and there is nothing at '" + name + "'");
            }
            start = end + 1;
        }
        return at;
    }

    private static Json item(Json.Arr array, String index) {
        for (int i = 0; i < array.size(); i++) {
            if (index.equals(Integer.toString(i))) {
                return array.get(i);
            }
        }
        return null;
    }

    /** The schema without a reference on top: merged with what that points to. */
    SchemaNode resolved(SchemaNode node, int depth) {
        checkDepth(node.path(), depth);
        if (!node.has("$ref")) {
            return node;
        }
        String pointer = node.string("$ref");
        SchemaNode rest = node.without("$ref");
        return switch (target(node, pointer)) {
            case Json.Obj object -> SchemaMerge.merge(rest, part(object, pointer, depth));
            case Json.Bool flag when flag.value() -> rest;
            default -> throw node.unsupported("$ref", " to a schema without keywords, beside other keywords");
        };
    }

    /** A part that is to be merged with what it stands in, and so must not speak of what it alone looked at. */
    private SchemaNode part(Json.Obj object, String path, int depth) {
        SchemaNode part = resolved(new SchemaNode(object, path), depth + 1);
        for (String keyword : List.of("unevaluatedProperties", "unevaluatedItems")) {
            if (part.has(keyword)) {
                throw part.unsupported(keyword, " within 'allOf' or beside '$ref' or 'anyOf'");
            }
        }
        return part;
    }

    private SchemaNode mergedAll(SchemaNode node, int depth) {
        SchemaNode merged = node.without("allOf");
        int index = 0;
        for (Json part : node.array("allOf").items()) {
            String path = node.path() + "/allOf/" + index++;
            merged = switch (part) {
                case Json.Obj object -> SchemaMerge.merge(merged, part(object, path, depth));
                case Json.Bool flag when flag.value() -> merged;
                default -> throw node.error("allOf", "holds " + part.kind() + "; expected schemas that can be fulfilled");
            };
        }
        return merged;
    }

    private Expression any(SchemaNode node, String keyword, int depth) {
        SchemaNode base = node.without(keyword);
        boolean merge = asserts(base);
        List<Expression> options = new ArrayList<>();
        int index = 0;
        for (Json part : node.array(keyword).items()) {
            String path = node.path() + "/" + keyword + "/" + index++;
            if (!merge || Json.FALSE.equals(part)) {
                options.add(convert(part, path, depth + 1));
            } else if (part instanceof Json.Obj object) {
                SchemaNode merged = SchemaMerge.merge(part(object, path, depth), base);
                options.add(convert(merged, depth + 1));
            } else {
                options.add(convert(base, depth + 1));
            }
        }
        if (options.isEmpty()) {
            throw node.error(keyword, "is empty");
        }
        return new Choice(List.copyOf(options));
    }

    /** {@code const} and {@code enum}: these values, as compact JSON. */
    private Expression listed(SchemaNode node) {
        for (Set<String> keywords : List.of(OBJECT_KEYWORDS, ARRAY_KEYWORDS, STRING_KEYWORDS, NUMBER_KEYWORDS)) {
            for (String keyword : keywords) {
                if (node.has(keyword)) {
                    throw node.unsupported(keyword, " beside 'const' or 'enum'");
                }
            }
        }
        List<Expression> options = new ArrayList<>();
        for (Json value : values(node)) {
            options.add(text(JsonWriter.compact(value)));
        }
        return new Choice(List.copyOf(options));
    }

    /** What {@code enum}, {@code const} and {@code type} allow, of which there is one of the first two. */
    static List<Json> values(SchemaNode node) {
        List<Json> values = node.has("enum") ? node.array("enum").items() : List.of(node.get("const"));
        List<Json> allowed = new ArrayList<>();
        for (Json value : values) {
            boolean wanted = !node.has("const") || node.get("const").equals(value);
            if (wanted && (!node.has("type") || hasType(value, node))) {
                allowed.add(value);
            }
        }
        if (allowed.isEmpty()) {
            throw node.error(node.has("enum") ? "enum" : "const", "allows no value");
        }
        return allowed;
    }

    static boolean hasType(Json value, SchemaNode node) {
        for (String type : types(node)) {
            if (type.equals(value.kind()) || type.equals("integer") && value instanceof Json.Num number && number.isInteger()) {
                return true;
            }
        }
        return false;
    }

    static List<String> types(SchemaNode node) {
        List<Json> given = node.get("type") instanceof Json.Arr list ? list.items() : List.of(node.get("type"));
        List<String> types = new ArrayList<>();
        for (Json type : given) {
            if (!(type instanceof Json.Str name)) {
                throw node.wrong("type", "a string or an array of strings", type);
            }
            types.add(name.value());
        }
        return types;
    }

    private Expression typed(SchemaNode node, int depth) {
        if (!node.has("type")) {
            String type = impliedType(node);
            return type == null ? JsonRules.VALUE : ofType(type, node, depth);
        }
        List<Expression> options = new ArrayList<>();
        for (String type : types(node)) {
            options.add(ofType(type, node, depth));
        }
        return options.size() == 1 ? options.get(0) : new Choice(List.copyOf(options));
    }

    private static String impliedType(SchemaNode node) {
        for (String keyword : node.object().members().keySet()) {
            String type = OBJECT_KEYWORDS.contains(keyword) ? "object" : ARRAY_KEYWORDS.contains(keyword) ? "array"
                : STRING_KEYWORDS.contains(keyword) ? "string" : NUMBER_KEYWORDS.contains(keyword) ? "number" : null;
            if (type != null) {
                return type;
            }
        }
        return null;
    }

    private Expression ofType(String type, SchemaNode node, int depth) {
        return switch (type) {
            case "object" -> new SchemaObject(this, node, depth).expression();
            case "array" -> new SchemaArray(this, node, depth).expression();
            case "string" -> node.has("not") ? SchemaObject.textBut(this, node, SchemaNot.strings(node)) : SchemaScalars.string(node);
            case "integer" -> SchemaScalars.number(this, node, true);
            case "number" -> SchemaScalars.number(this, node, false);
            case "boolean" -> JsonRules.BOOLEAN;
            case "null" -> JsonRules.NULL;
            default -> throw node.error("type", "is '" + type + "'; there is object, array, string, number, integer, boolean and null");
        };
    }

    /** Makes a rule of {@code expression}. */
    Expression named(String kind, Expression expression) {
        String name = newName(kind);
        rules.put(name, expression);
        return Expression.rule(name);
    }

    /** A name for a rule that is {@link #define}d later, so that rules may name each other. */
    String reserve(String kind) {
        String name = newName(kind);
        rules.put(name, Expression.EMPTY);
        return name;
    }

    void define(String name, Expression expression) {
        rules.put(name, expression);
    }

    private String newName(String kind) {
        if (rules.size() > Bounds.RULES) {
            throw Bounds.tooLarge("rules", rules.size(), Bounds.RULES);
        }
        return prefix + "-" + kind + "-" + names++;
    }
}
