package dev.crema.grammar;

import static dev.crema.grammar.Expression.many;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.CremaException;
import dev.crema.json.Json;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * {@code patternProperties} with one pattern: members whose names match it, and no others beside those that are declared. A declared name that matches would have to fulfil both
 * schemas; that is refused.
 */
final class SchemaPatternProperties {
    private final JsonSchema schema;
    private final SchemaNode node;
    private final int depth;
    private final String pattern;
    private CompiledGrammar names;

    SchemaPatternProperties(JsonSchema schema, SchemaNode node, int depth) {
        this.schema = schema;
        this.node = node;
        this.depth = depth;
        Json.Obj patterns = node.map("patternProperties");
        if (patterns != null && patterns.members().size() > 1) {
            throw node.unsupported("patternProperties", " with more than one pattern");
        }
        pattern = patterns == null || patterns.members().isEmpty() ? null : patterns.members().keySet().iterator().next();
    }

    boolean isGiven() {
        return pattern != null;
    }

    Json value() {
        return node.map("patternProperties").get(pattern);
    }

    private Expression name() {
        try {
            return sequence(text("\""), RegexParser.parse(pattern, JsonRules::written, many(JsonRules.CHARACTER)), text("\""));
        } catch (CremaException error) {
            throw new CremaException(error.code(), "'patternProperties' at '" + node.path() + "': " + error.getMessage(), error.hint());
        }
    }

    boolean matches(String property) {
        if (pattern == null) {
            return false;
        }
        if (names == null) {
            Map<String, Expression> rules = new HashMap<>(JsonRules.rules());
            rules.put("name", name());
            names = new CompiledGrammar(new Grammar("name", rules));
        }
        return names.matches(Json.of(property).toString());
    }

    /** A member whose name matches. */
    Expression member(Set<String> declared) {
        for (String property : declared) {
            if (matches(property)) {
                throw node.unsupported("patternProperties", " where the property '" + property + "' matches it too");
            }
        }
        Expression value = schema.convert(value(), node.path() + "/patternProperties/" + pattern.replace("~", "~0").replace("/", "~1"), depth + 1);
        return schema.named("member", sequence(name(), JsonRules.SPACE, text(":"), JsonRules.SPACE, value));
    }
}
