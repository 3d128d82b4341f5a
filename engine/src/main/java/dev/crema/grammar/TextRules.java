package dev.crema.grammar;

import dev.crema.grammar.Expression.Choice;
import dev.crema.grammar.Expression.OneOf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rules for free text up to a mark. */
public final class TextRules {
    private TextRules() { }

    /**
     * Any text without {@code mark}, then {@code mark} and {@code after}; or, where {@code mayEnd}, the text alone. The recursion is at the end of rules, so it needs no stack.
     *
     * @param rules  receives a rule for each beginning of the mark, with names that start with {@code prefix}
     */
    public static Expression until(String mark, Expression after, boolean mayEnd, Map<String, Expression> rules, String prefix) {
        CharSet characters = CharSet.of(mark);
        int length = mark.length();
        for (int state = 0; state < length; state++) {
            List<Expression> options = new ArrayList<>();
            CharSet others = CharSet.NONE;
            for (int range = 0; range < characters.ranges(); range++) {
                for (int c = characters.from(range); c <= characters.to(range); c++) {
                    int next = next(mark, state, (char) c);
                    if (next == 0) {
                        others = others.or(CharSet.of(c));
                    } else {
                        options.add(Expression.sequence(Expression.text(String.valueOf((char) c)), next == length ? after : Expression.rule(prefix + next)));
                    }
                }
            }
            options.add(Expression.sequence(new OneOf(characters.not().or(others)), Expression.rule(prefix + 0)));
            if (mayEnd) {
                options.add(Expression.EMPTY);
            }
            rules.put(prefix + state, new Choice(List.copyOf(options)));
        }
        return Expression.rule(prefix + 0);
    }

    /** How much of the mark stands at the end of the text after {@code state} characters of it and then {@code c}. */
    private static int next(String mark, int state, char c) {
        String text = mark.substring(0, state) + c;
        for (int length = Math.min(text.length(), mark.length()); length > 0; length--) {
            if (text.endsWith(mark.substring(0, length))) {
                return length;
            }
        }
        return 0;
    }
}
