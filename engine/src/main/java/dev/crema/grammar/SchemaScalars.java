package dev.crema.grammar;

import static dev.crema.grammar.Expression.many;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.CremaException;
import dev.crema.grammar.Expression.OneOf;
import dev.crema.grammar.Expression.Repeat;

import java.math.BigDecimal;

/** Schemas of strings and numbers. */
final class SchemaScalars {
    private SchemaScalars() { }

    /** A pattern says what a format would, and more exactly: libraries write both. */
    static Expression string(SchemaNode node) {
        int min = node.count("minLength", 0);
        int max = node.count("maxLength", Repeat.UNLIMITED);
        String pattern = node.string("pattern");
        String format = node.string("format") == null ? null : StringFormats.regex(node.string("format"));
        if (pattern == null && format == null) {
            if (max != Repeat.UNLIMITED && max < min) {
                throw node.error("maxLength", "is " + max + ", less than 'minLength', " + min);
            }
            return min == 0 && max == Repeat.UNLIMITED ? JsonRules.STRING : quoted(new Repeat(JsonRules.CHARACTER, min, max));
        }
        String keyword = pattern != null ? "pattern" : "format";
        if (min > 0 && pattern != null || max != Repeat.UNLIMITED && max < 1000) {
            throw node.unsupported(max == Repeat.UNLIMITED ? "minLength" : "maxLength", " beside '" + keyword + "'");
        }
        try {
            return quoted(pattern != null ? RegexParser.parse(pattern, JsonRules::written, many(JsonRules.CHARACTER))
                : RegexParser.parse(format, OneOf::new, null));
        } catch (CremaException error) {
            throw new CremaException(error.code(), "'" + keyword + "' at '" + node.path() + "': " + error.getMessage(), error.hint());
        }
    }

    private static Expression quoted(Expression characters) {
        return sequence(text("\""), characters, text("\""));
    }

    static Expression number(JsonSchema schema, SchemaNode node, boolean whole) {
        BigDecimal step = node.number("multipleOf");
        NumberRange range = range(node);
        if (step != null && !(whole && step.compareTo(BigDecimal.ONE) == 0)) {
            return SchemaMultiples.of(schema, node, range, whole);
        }
        if (range.low() == null && range.high() == null) {
            return whole ? JsonRules.INTEGER : JsonRules.NUMBER;
        }
        return whole ? range.integers() : range.numbers();
    }

    private static NumberRange range(SchemaNode node) {
        BigDecimal low = node.number("minimum");
        BigDecimal high = node.number("maximum");
        boolean lowExcluded = false;
        boolean highExcluded = false;
        if (node.get("exclusiveMinimum") instanceof dev.crema.json.Json.Bool flag) { // Draft 4.
            lowExcluded = flag.value();
        } else if (node.has("exclusiveMinimum") && (low == null || node.number("exclusiveMinimum").compareTo(low) >= 0)) {
            low = node.number("exclusiveMinimum");
            lowExcluded = true;
        }
        if (node.get("exclusiveMaximum") instanceof dev.crema.json.Json.Bool flag) {
            highExcluded = flag.value();
        } else if (node.has("exclusiveMaximum") && (high == null || node.number("exclusiveMaximum").compareTo(high) <= 0)) {
            high = node.number("exclusiveMaximum");
            highExcluded = true;
        }
        if (low != null && high != null && low.compareTo(high) > 0) {
            throw node.error("minimum", "or 'exclusiveMinimum' is more than the maximum");
        }
        return new NumberRange(low, lowExcluded, high, highExcluded);
    }
}
