package dev.crema.grammar;

import dev.crema.json.Json;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One schema that asks for what two ask for; keyword by keyword, and refused where that can't be said. */
final class SchemaMerge {
    private static final Set<String> HIGHER = Set.of("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties");
    private static final Set<String> LOWER = Set.of("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties");

    private SchemaMerge() { }

    static SchemaNode merge(SchemaNode a, SchemaNode b) {
        var merged = new Json.Obj();
        merged.members().putAll(a.object().members());
        for (Map.Entry<String, Json> entry : b.object().members().entrySet()) {
            String keyword = entry.getKey();
            Json mine = a.get(keyword);
            Json theirs = entry.getValue();
            if (mine == null || JsonSchema.ANNOTATIONS.contains(keyword) || mine.equals(theirs)) {
                merged.members().putIfAbsent(keyword, theirs);
            } else {
                merged.put(keyword, both(keyword, mine, theirs, a, b));
            }
        }
        closeProperties(a, b, merged);
        closeProperties(b, a, merged);
        checkPatterns(a, b);
        checkPatterns(b, a);
        return new SchemaNode(merged, a.path());
    }

    private static Json both(String keyword, Json mine, Json theirs, SchemaNode a, SchemaNode b) {
        if (HIGHER.contains(keyword) || LOWER.contains(keyword)) {
            BigDecimal x = a.number(keyword);
            BigDecimal y = b.number(keyword);
            return x.compareTo(y) > 0 == HIGHER.contains(keyword) ? mine : theirs;
        }
        return switch (keyword) {
            case "properties", "$defs", "definitions" -> members(a.map(keyword), b.map(keyword));
            case "required" -> union(a.array(keyword), b.array(keyword));
            case "enum" -> intersection(a.array(keyword).items(), b.array(keyword).items());
            case "type" -> types(mine, theirs);
            case "items", "additionalProperties" -> allOf(mine, theirs);
            case "anyOf", "oneOf" -> product(a.array(keyword), b.array(keyword));
            case "allOf" -> union(a.array(keyword), b.array(keyword));
            default -> throw a.unsupported(keyword, " twice with different values within 'allOf' or beside '$ref' or 'anyOf'");
        };
    }

    private static Json allOf(Json a, Json b) {
        return new Json.Obj().put("allOf", new Json.Arr().add(a).add(b));
    }

    private static Json.Obj members(Json.Obj a, Json.Obj b) {
        var all = new Json.Obj();
        all.members().putAll(a.members());
        b.members().forEach((name, schema) -> {
            Json known = a.get(name);
            all.put(name, known == null || known.equals(schema) ? schema : allOf(known, schema));
        });
        return all;
    }

    /** Where {@code closed} allows no other properties, those that only {@code other} names can't come. */
    private static void closeProperties(SchemaNode closed, SchemaNode other, Json.Obj merged) {
        if (!Json.FALSE.equals(closed.get("additionalProperties")) || other.map("properties") == null) {
            return;
        }
        Json.Obj known = closed.map("properties");
        var kept = new Json.Obj();
        ((Json.Obj) merged.get("properties")).members().forEach((name, schema) -> {
            if (known != null && known.get(name) != null) {
                kept.put(name, schema);
            }
        });
        merged.put("properties", kept).put("additionalProperties", Json.FALSE);
    }

    /** What is additional to one may be what the other has a pattern for, and would have to be both. */
    private static void checkPatterns(SchemaNode one, SchemaNode other) {
        Json additional = one.get("additionalProperties");
        if (other.has("patternProperties") && !other.get("patternProperties").equals(one.get("patternProperties")) && additional != null && !Json.TRUE.equals(additional)) {
            throw other.unsupported("patternProperties", " within 'allOf' or beside '$ref' or 'anyOf' where 'additionalProperties' is there too");
        }
    }

    private static Json.Arr union(Json.Arr a, Json.Arr b) {
        var all = new Json.Arr();
        all.items().addAll(a.items());
        for (Json item : b.items()) {
            if (!all.items().contains(item)) {
                all.add(item);
            }
        }
        return all;
    }

    private static Json.Arr intersection(List<Json> a, List<Json> b) {
        var both = new Json.Arr();
        for (Json item : a) {
            if (b.contains(item)) {
                both.add(item);
            }
        }
        return both;
    }

    private static Json types(Json a, Json b) {
        List<Json> mine = a instanceof Json.Arr list ? list.items() : List.of(a);
        List<Json> theirs = b instanceof Json.Arr list ? list.items() : List.of(b);
        Json.Arr both = intersection(mine, theirs);
        Json integer = new Json.Str("integer");
        Json number = new Json.Str("number");
        boolean whole = mine.contains(integer) && theirs.contains(number) || mine.contains(number) && theirs.contains(integer);
        if (whole && !both.items().contains(integer) && !both.items().contains(number)) {
            both.add(integer);
        }
        return both;
    }

    private static Json.Arr product(Json.Arr a, Json.Arr b) {
        if ((long) a.size() * b.size() > Bounds.SCHEMAS) {
            throw Bounds.tooLarge("schemas", (long) a.size() * b.size(), Bounds.SCHEMAS);
        }
        var all = new Json.Arr();
        for (Json x : a.items()) {
            for (Json y : b.items()) {
                all.add(allOf(x, y));
            }
        }
        return all;
    }
}
