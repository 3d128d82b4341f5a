package dev.crema.grammar;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rules by name, in order, and the one that a text has to match as a whole. {@code toString} is GBNF that reads back as the same grammar.
 * Immutable.
 */
public record Grammar(String root, Map<String, Expression> rules) {
    public Grammar {
        rules = Collections.unmodifiableMap(new LinkedHashMap<>(rules));
    }

    /** The same grammar with {@code prefix} before all names, so that it goes together with others. */
    public Grammar renamed(String prefix) {
        var all = new LinkedHashMap<String, Expression>();
        rules.forEach((name, expression) -> all.put(prefix + name, renamed(expression, prefix)));
        return new Grammar(prefix + root, all);
    }

    private static Expression renamed(Expression expression, String prefix) {
        return switch (expression) {
            case Expression.Literal literal -> literal;
            case Expression.OneOf one -> one;
            case Expression.Sequence sequence -> new Expression.Sequence(renamed(sequence.parts(), prefix));
            case Expression.Choice choice -> new Expression.Choice(renamed(choice.options(), prefix));
            case Expression.Repeat repeat -> new Expression.Repeat(renamed(repeat.body(), prefix), repeat.min(), repeat.max());
            case Expression.Reference reference -> new Expression.Reference(prefix + reference.rule());
        };
    }

    private static List<Expression> renamed(List<Expression> all, String prefix) {
        var out = new ArrayList<Expression>();
        for (Expression expression : all) {
            out.add(renamed(expression, prefix));
        }
        return List.copyOf(out);
    }

    @Override
    public String toString() {
        var out = new StringBuilder();
        rules.forEach((name, expression) -> out.append(name).append(" ::= ").append(expression).append('\n'));
        return out.toString();
    }
}
