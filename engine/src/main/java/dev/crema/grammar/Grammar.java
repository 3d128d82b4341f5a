package dev.crema.grammar;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Rules by name, in order, and the one that a text has to match as a whole. {@code toString} is GBNF that reads back as the same grammar.
 * Immutable.
 */
public record Grammar(String root, Map<String, Expression> rules) {
    public Grammar {
        rules = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(rules));
    }

    /** The same rules under a new root, which may refer to the old one. */
    public Grammar withRoot(String name, Expression expression) {
        var all = new LinkedHashMap<String, Expression>();
        all.put(name, expression);
        all.putAll(rules);
        return new Grammar(name, all);
    }

    @Override
    public String toString() {
        var out = new StringBuilder();
        rules.forEach((name, expression) -> out.append(name).append(" ::= ").append(expression).append('\n'));
        return out.toString();
    }
}
