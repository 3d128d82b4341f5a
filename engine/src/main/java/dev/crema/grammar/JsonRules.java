package dev.crema.grammar;

import static dev.crema.grammar.Expression.choice;
import static dev.crema.grammar.Expression.many;
import static dev.crema.grammar.Expression.optional;
import static dev.crema.grammar.Expression.rule;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.grammar.Expression.OneOf;
import dev.crema.grammar.Expression.Repeat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rules for JSON itself (RFC 8259), as models write it: white space and the digits of numbers are bounded, so that no reply is filled with them. */
public final class JsonRules {
    static final Expression SPACE = rule("space");
    static final Expression VALUE = rule("value");
    static final Expression OBJECT = rule("object");
    static final Expression ARRAY = rule("array");
    static final Expression STRING = rule("string");
    static final Expression NUMBER = rule("number");
    static final Expression INTEGER = rule("integer");
    static final Expression BOOLEAN = rule("boolean");
    static final Expression NULL = text("null");
    /** One character of a string, escaped where it has to be. */
    static final Expression CHARACTER = rule("char");

    private static final CharSet DIGITS = CharSet.range('0', '9');
    private static final CharSet HEX = DIGITS.or(CharSet.range('a', 'f')).or(CharSet.range('A', 'F'));
    /** What a string may not hold as it is. */
    private static final CharSet ESCAPED = CharSet.range(0, 0x1F).or(CharSet.of("\"\\"));
    private static final String SHORT_ESCAPES = "\b\f\n\r\t\"\\";
    private static final String SHORT_NAMES = "bfnrt\"\\";

    private JsonRules() { }

    /** Any JSON object, as {@code response_format} of type {@code json_object} asks for. */
    public static Grammar anyObject() {
        Map<String, Expression> rules = rules();
        rules.put("root", OBJECT);
        return new Grammar("root", rules);
    }

    static Map<String, Expression> rules() {
        Map<String, Expression> rules = new LinkedHashMap<>();
        Expression digit = new OneOf(DIGITS);
        rules.put("space", choice(Expression.EMPTY, text(" "), sequence(text("\n"), new Repeat(new OneOf(CharSet.of(" \t")), 0, 20))));
        // An escaped half of a character has the other half behind it.
        Expression d = new OneOf(CharSet.of("dD"));
        Expression pair = sequence(text("u"), d, new OneOf(CharSet.of("89abAB")), new Repeat(new OneOf(HEX), 2, 2), text("\\u"), d,
            new OneOf(CharSet.range('c', 'f').or(CharSet.range('C', 'F'))), new Repeat(new OneOf(HEX), 2, 2));
        Expression notD = new OneOf(HEX.minus(CharSet.of("dD")));
        Expression whole = sequence(text("u"), choice(sequence(notD, new Repeat(new OneOf(HEX), 3, 3)),
            sequence(d, new OneOf(CharSet.range('0', '7')), new Repeat(new OneOf(HEX), 2, 2))));
        rules.put("char", choice(new OneOf(ESCAPED.not()), sequence(text("\\"), choice(new OneOf(CharSet.of("\"\\/bfnrt")), whole, pair))));
        rules.put("string", sequence(text("\""), many(CHARACTER), text("\"")));
        rules.put("integer", sequence(optional(text("-")), choice(text("0"), sequence(new OneOf(CharSet.range('1', '9')), new Repeat(digit, 0, 15)))));
        Expression fraction = sequence(text("."), new Repeat(digit, 1, 16));
        Expression exponent = sequence(new OneOf(CharSet.of("eE")), optional(new OneOf(CharSet.of("+-"))), new Repeat(digit, 1, 2));
        rules.put("number", sequence(INTEGER, optional(fraction), optional(exponent)));
        rules.put("boolean", choice(text("true"), text("false")));
        rules.put("value", choice(OBJECT, ARRAY, STRING, NUMBER, BOOLEAN, NULL));
        rules.put("member", sequence(STRING, SPACE, text(":"), SPACE, VALUE));
        rules.put("object", braces(list(rule("member"), 0, Repeat.UNLIMITED), "{", "}"));
        rules.put("array", braces(list(VALUE, 0, Repeat.UNLIMITED), "[", "]"));
        return rules;
    }

    /** {@code inner} in braces with white space before it; behind it, {@code inner} has its own. */
    static Expression braces(Expression inner, String open, String close) {
        return sequence(text(open), SPACE, inner, text(close));
    }

    /** {@code min} to {@code max} of {@code item} with commas between, and white space behind each. */
    static Expression list(Expression item, int min, int max) {
        if (max == 0) {
            return Expression.EMPTY;
        }
        Expression more = sequence(text(","), SPACE, item, SPACE);
        Expression some = sequence(item, SPACE, new Repeat(more, Math.max(0, min - 1), max == Repeat.UNLIMITED ? max : max - 1));
        return min == 0 ? optional(some) : some;
    }

    /** One character of {@code set} as a string holds it: as it is where it may, else with the escape that writers use. */
    static Expression written(CharSet set) {
        CharSet plain = set.minus(ESCAPED);
        CharSet escaped = set.and(ESCAPED);
        if (escaped.isEmpty()) {
            return new OneOf(plain);
        }
        List<Expression> options = new ArrayList<>();
        if (!plain.isEmpty()) {
            options.add(new OneOf(plain));
        }
        for (int range = 0; range < escaped.ranges(); range++) {
            for (int c = escaped.from(range); c <= escaped.to(range); c++) {
                int known = SHORT_ESCAPES.indexOf(c);
                options.add(text(known >= 0 ? "\\" + SHORT_NAMES.charAt(known)
                    : "\\u00" + Character.forDigit(c >> 4, 16) + Character.forDigit(c & 15, 16)));
            }
        }
        return options.size() == 1 ? options.get(0) : new Expression.Choice(List.copyOf(options));
    }
}
