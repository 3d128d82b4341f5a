package dev.crema.grammar;

import static dev.crema.grammar.Expression.choice;
import static dev.crema.grammar.Expression.many;
import static dev.crema.grammar.Expression.optional;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.grammar.Expression.OneOf;
import dev.crema.grammar.Expression.Repeat;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A schema of objects: the declared properties in order, the optional ones or not, and then others where they are allowed. */
final class SchemaObject {
    private record Property(Expression member, boolean required) { }

    private static final int MAX_NAME = 200;
    private static final CharSet KEY_CHARACTERS = CharSet.range(0, 0x1F).not();

    private final JsonSchema schema;
    private final SchemaNode node;
    private final int depth;

    SchemaObject(JsonSchema schema, SchemaNode node, int depth) {
        this.schema = schema;
        this.node = evaluated(node);
        this.depth = depth;
    }

    /** By now all that looks at properties is in one schema: what it does not look at is additional. */
    private static SchemaNode evaluated(SchemaNode node) {
        Json unevaluated = node.get("unevaluatedProperties");
        if (unevaluated == null || Json.TRUE.equals(unevaluated) || node.has("additionalProperties")) {
            return node;
        }
        if (!Json.FALSE.equals(unevaluated)) {
            throw node.unsupported("unevaluatedProperties", " but for true and false");
        }
        SchemaNode closed = node.without("unevaluatedProperties");
        closed.object().put("additionalProperties", Json.FALSE);
        return closed;
    }

    Expression expression() {
        Map<String, Json> declared = new LinkedHashMap<>(node.has("properties") ? node.map("properties").members() : Map.of());
        Json others = node.get("additionalProperties");
        boolean open = others == null ? declared.isEmpty() : !Json.FALSE.equals(others);
        Set<String> required = required();
        var patterned = new SchemaPatternProperties(schema, node, depth);
        for (String name : required) {
            declared.putIfAbsent(name, patterned.matches(name) ? patterned.value() : others == null ? Json.TRUE : others);
        }
        if (patterned.isGiven()) {
            Expression member = patterned.member(node.has("properties") ? node.map("properties").members().keySet() : Set.of());
            checkNames(Map.of("", Json.TRUE));
            return node.has("minProperties") || node.has("maxProperties") ? counted(declared, required, member)
                : schema.named("object", JsonRules.braces(members(properties(declared, required), member), "{", "}"));
        }
        if (declared.isEmpty() && !node.has("propertyNames") && (others == null || Json.TRUE.equals(others)) && !node.has("minProperties") && !node.has("maxProperties")) {
            return JsonRules.OBJECT;
        }
        checkNames(declared);
        Expression other = open ? other(others, declared.keySet()) : null;
        if (node.has("minProperties") || node.has("maxProperties")) {
            return counted(declared, required, other);
        }
        return schema.named("object", JsonRules.braces(members(properties(declared, required), other), "{", "}"));
    }

    private Set<String> required() {
        Set<String> names = new LinkedHashSet<>();
        if (node.has("required") && !(node.get("required") instanceof Json.Bool)) { // A flag of the property in draft 3.
            for (Json name : node.array("required").items()) {
                if (!(name instanceof Json.Str text)) {
                    throw node.wrong("required", "an array of strings", name);
                }
                names.add(text.value());
            }
        }
        return names;
    }

    private List<Property> properties(Map<String, Json> declared, Set<String> required) {
        List<Property> properties = new ArrayList<>();
        declared.forEach((name, value) -> {
            Expression converted = schema.convert(value, node.path() + "/properties/" + name.replace("~", "~0").replace("/", "~1"), depth + 1);
            Expression member = sequence(text(Json.of(name).toString()), JsonRules.SPACE, text(":"), JsonRules.SPACE, converted);
            properties.add(new Property(schema.named("member", member), required.contains(name)));
        });
        return properties;
    }

    /** From the last to the first: what may follow a member, and what may follow the brace as long as there was none. */
    private Expression members(List<Property> properties, Expression other) {
        Expression after = other == null ? Expression.EMPTY : many(sequence(text(","), JsonRules.SPACE, other, JsonRules.SPACE));
        Expression first = other == null ? Expression.EMPTY : optional(sequence(other, JsonRules.SPACE, after));
        for (int i = properties.size() - 1; i >= 0; i--) {
            Property property = properties.get(i);
            Expression next = after.equals(Expression.EMPTY) ? after : schema.named("rest", after);
            Expression here = sequence(property.member, JsonRules.SPACE, next);
            Expression follows = sequence(text(","), JsonRules.SPACE, property.member, JsonRules.SPACE);
            after = sequence(property.required ? follows : optional(follows), next);
            first = property.required ? here : schema.named("first", choice(here, first));
        }
        return first;
    }

    private Expression counted(Map<String, Json> declared, Set<String> required, Expression other) {
        int min = node.count("minProperties", 0);
        int max = node.count("maxProperties", Repeat.UNLIMITED);
        if (max != Repeat.UNLIMITED && max < min) {
            throw node.error("maxProperties", "is " + max + ", less than 'minProperties', " + min);
        }
        if (declared.isEmpty() && other != null) {
            return schema.named("object", JsonRules.braces(JsonRules.list(other, min, max), "{", "}"));
        }
        boolean said = min <= required.size() && (max == Repeat.UNLIMITED || other == null && max >= declared.size());
        if (!said) {
            throw node.unsupported(min > required.size() ? "minProperties" : "maxProperties", " beside 'properties'");
        }
        return schema.named("object", JsonRules.braces(members(properties(declared, required), other), "{", "}"));
    }

    /** A member with another name than those declared. */
    private Expression other(Json value, Set<String> declared) {
        Expression converted = value == null ? JsonRules.VALUE : schema.convert(value, node.path() + "/additionalProperties", depth + 1);
        Expression name = declared.isEmpty() ? name() : sequence(text("\""), nameBut(new ArrayList<>(declared), 0));
        return schema.named("member", sequence(name, JsonRules.SPACE, text(":"), JsonRules.SPACE, converted));
    }

    /** Any name, or one that {@code propertyNames} allows. */
    private Expression name() {
        Json names = node.get("propertyNames");
        if (!(names instanceof Json.Obj object) || object.has("$ref")) {
            return names == null ? JsonRules.STRING : schema.convert(names, node.path() + "/propertyNames", depth + 1);
        }
        var string = new Json.Obj();
        string.members().putAll(object.members());
        return schema.convert(string.put("type", "string"), node.path() + "/propertyNames", depth + 1);
    }

    /** Names that are declared are allowed by what declares them; others would need both. */
    private void checkNames(Map<String, Json> declared) {
        boolean any = !node.has("propertyNames") || new Json.Obj().put("type", "string").equals(node.get("propertyNames"));
        if (!any && !declared.isEmpty()) {
            throw node.unsupported("propertyNames", " beside 'properties' or 'required'");
        }
    }

    /** Any string but these. */
    static Expression textBut(JsonSchema schema, SchemaNode node, List<String> strings) {
        return sequence(text("\""), new SchemaObject(schema, node, 0).nameBut(strings, 0));
    }

    /** The rest of a name after {@code from} characters that all of {@code names} have in common, with its quote: any but theirs. */
    private Expression nameBut(List<String> names, int from) {
        if (from > MAX_NAME) {
            throw node.error("properties", "has a name of more than " + MAX_NAME + " characters beside 'additionalProperties'");
        }
        Map<Integer, List<String>> byNext = new TreeMap<>();
        boolean ends = true;
        for (String name : names) {
            if (name.length() == from) {
                ends = false;
            } else {
                byNext.computeIfAbsent(name.codePointAt(from), c -> new ArrayList<>()).add(name);
            }
        }
        List<Expression> options = new ArrayList<>();
        CharSet taken = CharSet.NONE;
        for (Map.Entry<Integer, List<String>> next : byNext.entrySet()) {
            CharSet character = CharSet.of(next.getKey());
            taken = taken.or(character);
            options.add(sequence(JsonRules.written(character), nameBut(next.getValue(), from + Character.charCount(next.getKey()))));
        }
        Expression any = JsonRules.written(KEY_CHARACTERS);
        options.add(sequence(JsonRules.written(KEY_CHARACTERS.minus(taken)), many(any), text("\"")));
        if (ends) {
            options.add(text("\""));
        }
        return schema.named("name", new Expression.Choice(List.copyOf(options)));
    }
}
