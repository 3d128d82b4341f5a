package dev.crema.grammar;

import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.grammar.Expression.Choice;
import dev.crema.grammar.Expression.Repeat;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** {@code uniqueItems} of a list of values: a rule for each set of those that were taken, or, of many values, each at most once and in the order of the list. */
final class SchemaDistinct {
    private static final int ANY_ORDER = 8;
    private static final int MOST = 64;
    private static final Set<String> LISTING = Set.of("enum", "const", "type");

    private final JsonSchema schema;
    private final SchemaNode node;
    private final List<Expression> values = new ArrayList<>();
    private final int min;
    private final int max;

    private SchemaDistinct(JsonSchema schema, SchemaNode node, List<Json> items, int min, int max) {
        this.schema = schema;
        this.node = node;
        List<Json> distinct = new ArrayList<>();
        for (Json item : items) {
            if (!distinct.contains(item)) {
                distinct.add(item);
                values.add(text(JsonWriter.compact(item)));
            }
        }
        this.min = min;
        this.max = max == Repeat.UNLIMITED ? values.size() : Math.min(max, values.size());
    }

    /** The members of such an array, with what stands between them. */
    static Expression of(JsonSchema schema, SchemaNode node, SchemaNode items, int min, int max) {
        List<Json> values = isList(items) ? JsonSchema.values(items) : Json.of("boolean").equals(items.get("type")) && items.object().members().size() == 1
            ? List.of(Json.TRUE, Json.FALSE) : null;
        if (values == null || values.size() > MOST) {
            throw node.unsupported("uniqueItems", " but for items that are an 'enum' of at most " + MOST + " values");
        }
        return new SchemaDistinct(schema, node, values, min, max).expression();
    }

    /** Whether the schema says which values there are and nothing else. */
    private static boolean isList(SchemaNode items) {
        for (String keyword : items.object().members().keySet()) {
            if (!LISTING.contains(keyword) && !JsonSchema.ANNOTATIONS.contains(keyword)) {
                return false;
            }
        }
        return items.has("enum") || items.has("const");
    }

    private Expression expression() {
        if (min > values.size()) {
            throw node.error("minItems", "is " + min + ", but there are only " + values.size() + " different items");
        }
        return values.size() <= ANY_ORDER ? anyOrder() : inOrder();
    }

    private Expression anyOrder() {
        String[] rules = new String[1 << values.size()];
        for (int taken = 0; taken < rules.length; taken++) {
            rules[taken] = schema.reserve("distinct");
        }
        for (int taken = 0; taken < rules.length; taken++) {
            List<Expression> options = new ArrayList<>();
            int count = Integer.bitCount(taken);
            if (count >= min) {
                options.add(Expression.EMPTY);
            }
            for (int i = 0; i < values.size() && count < max; i++) {
                if ((taken >> i & 1) == 0) {
                    options.add(item(i, count > 0, Expression.rule(rules[taken | 1 << i])));
                }
            }
            schema.define(rules[taken], new Choice(List.copyOf(options)));
        }
        return Expression.rule(rules[0]);
    }

    private Expression inOrder() {
        if (min > 1 || max < values.size()) {
            throw node.unsupported("uniqueItems", " beside 'minItems' or 'maxItems' where there are more than " + ANY_ORDER + " values");
        }
        Expression[] after = new Expression[values.size() + 1];
        for (int i = values.size(); i >= 0; i--) {
            List<Expression> options = new ArrayList<>();
            if (i > 0 || min == 0) {
                options.add(Expression.EMPTY);
            }
            for (int next = i; next < values.size(); next++) {
                options.add(item(next, i > 0, after[next + 1]));
            }
            after[i] = schema.named("distinct", new Choice(List.copyOf(options)));
        }
        return after[0];
    }

    private Expression item(int value, boolean comma, Expression after) {
        return comma ? sequence(text(","), JsonRules.SPACE, values.get(value), JsonRules.SPACE, after) : sequence(values.get(value), JsonRules.SPACE, after);
    }
}
