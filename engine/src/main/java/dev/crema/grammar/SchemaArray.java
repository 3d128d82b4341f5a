package dev.crema.grammar;

import static dev.crema.grammar.Expression.optional;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.grammar.Expression.Repeat;
import dev.crema.json.Json;

import java.util.List;

/** A schema of arrays: items one by one at the start, then any number of the same kind. */
final class SchemaArray {
    private final JsonSchema schema;
    private final SchemaNode node;
    private final int depth;

    SchemaArray(JsonSchema schema, SchemaNode node, int depth) {
        this.schema = schema;
        this.node = node;
        this.depth = depth;
    }

    Expression expression() {
        int min = node.count("minItems", 0);
        int max = node.count("maxItems", Repeat.UNLIMITED);
        if (max != Repeat.UNLIMITED && max < min) {
            throw node.error("maxItems", "is " + max + ", less than 'minItems', " + min);
        }
        // Up to draft 2019-09, 'items' was what 'prefixItems' is now.
        boolean old = node.get("items") instanceof Json.Arr;
        List<Json> first = old ? node.array("items").items() : node.has("prefixItems") ? node.array("prefixItems").items() : List.of();
        Json rest = rest(old);
        String restPath = node.path() + (old ? "/additionalItems" : "/items");
        boolean unique = node.has("uniqueItems") && !Json.FALSE.equals(node.get("uniqueItems")) && max != 0 && max != 1;
        if (unique || node.has("contains")) {
            return special(first, rest, restPath, unique, min, max);
        }
        Expression item = rest == null ? JsonRules.VALUE : schema.convert(rest, restPath, depth + 1);
        if (first.isEmpty()) {
            int most = Json.FALSE.equals(rest) ? 0 : max;
            if (most == 0 && min > 0) {
                throw node.error("minItems", "is " + min + ", but 'items' allows none");
            }
            return schema.named("array", JsonRules.braces(JsonRules.list(schema.named("item", item), min, most), "[", "]"));
        }
        boolean open = rest != null && !Json.FALSE.equals(rest) || min > first.size();
        if (min > first.size() && Json.FALSE.equals(rest)) {
            throw node.error("minItems", "is " + min + ", but there are only " + first.size() + " items");
        }
        return schema.named("array", JsonRules.braces(tuple(first, old, open ? item : null, min, max), "[", "]"));
    }

    /** What follows the first items; nothing where no rule has looked at it and {@code unevaluatedItems} is false. */
    private Json rest(boolean old) {
        Json rest = node.get(old ? "additionalItems" : "items");
        Json unevaluated = node.get("unevaluatedItems");
        if (unevaluated == null || Json.TRUE.equals(unevaluated)) {
            return rest;
        }
        if (!Json.FALSE.equals(unevaluated) || node.has("contains")) {
            throw node.unsupported("unevaluatedItems", Json.FALSE.equals(unevaluated) ? " beside 'contains'" : " but for true and false");
        }
        return rest == null ? Json.FALSE : rest;
    }

    /** {@code uniqueItems} or {@code contains}, not both. */
    private Expression special(List<Json> first, Json rest, String restPath, boolean unique, int min, int max) {
        String keyword = unique ? "uniqueItems" : "contains";
        if (!first.isEmpty() || unique && node.has("contains")) {
            throw node.unsupported(keyword, first.isEmpty() ? " beside 'contains'" : " beside 'prefixItems'");
        }
        if (unique) {
            SchemaNode items = rest instanceof Json.Obj object ? schema.resolved(new SchemaNode(object, restPath), depth + 1) : new SchemaNode(new Json.Obj(), restPath);
            return schema.named("array", JsonRules.braces(SchemaDistinct.of(schema, node, items, min, max), "[", "]"));
        }
        int wanted = node.count("minContains", 1);
        Expression item = schema.named("item", rest == null ? JsonRules.VALUE : schema.convert(rest, restPath, depth + 1));
        if (wanted == 0) {
            return schema.named("array", JsonRules.braces(JsonRules.list(item, min, max), "[", "]"));
        }
        if (min > wanted || max != Repeat.UNLIMITED) {
            throw node.unsupported("contains", " beside 'minItems' or 'maxItems'");
        }
        Json contained = rest == null ? node.get("contains") : new Json.Obj().put("allOf", new Json.Arr().add(rest).add(node.get("contains")));
        Expression found = schema.named("item", schema.convert(contained, node.path() + "/contains", depth + 1));
        Expression others = Expression.many(sequence(text(","), JsonRules.SPACE, item, JsonRules.SPACE));
        Expression before = Expression.many(sequence(item, JsonRules.SPACE, text(","), JsonRules.SPACE));
        Expression more = new Repeat(sequence(text(","), JsonRules.SPACE, before, found, JsonRules.SPACE), wanted - 1, wanted - 1);
        return schema.named("array", JsonRules.braces(sequence(before, found, JsonRules.SPACE, more, others), "[", "]"));
    }

    private Expression tuple(List<Json> first, boolean old, Expression item, int min, int max) {
        int count = first.size();
        Expression after = Expression.EMPTY;
        if (item != null && (max == Repeat.UNLIMITED || max > count)) {
            Expression more = schema.named("item", sequence(text(","), JsonRules.SPACE, item, JsonRules.SPACE));
            after = new Repeat(more, Math.max(0, min - count), max == Repeat.UNLIMITED ? max : max - count);
        }
        for (int i = count - 1; i >= 0; i--) {
            Expression value = schema.convert(first.get(i), node.path() + (old ? "/items/" : "/prefixItems/") + i, depth + 1);
            Expression here = schema.named("items", i == 0 ? sequence(value, JsonRules.SPACE, after)
                : sequence(text(","), JsonRules.SPACE, value, JsonRules.SPACE, after));
            after = max != Repeat.UNLIMITED && i >= max ? Expression.EMPTY : i >= min ? optional(here) : here;
        }
        return after;
    }
}
