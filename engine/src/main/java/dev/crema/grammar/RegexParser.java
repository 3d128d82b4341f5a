package dev.crema.grammar;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.grammar.Expression.Repeat;

import java.util.ArrayList;
import java.util.List;

/**
 * Turns a regular expression (ECMAScript's syntax, as in JSON Schema) into an expression: classes, groups with and without capture or name,
 * alternatives, quantifiers (a lazy one matches the same texts), {@code ^} and {@code $} around an alternative. What does more than describe
 * a set of texts is refused with its position: look-around, back-references, word boundaries, flags.
 */
public final class RegexParser {
    /** How a character of a set is written: as itself, or escaped as within a JSON string. */
    interface Writer {
        Expression write(CharSet set);
    }

    private static final CharSet DIGIT = CharSet.range('0', '9');
    private static final CharSet WORD = DIGIT.or(CharSet.range('a', 'z')).or(CharSet.range('A', 'Z')).or(CharSet.of('_'));
    /** ECMAScript's white space and line ends. */
    private static final CharSet SPACE = CharSet.range('\t', '\r').or(CharSet.of(' ')).or(CharSet.of(0xA0)).or(CharSet.of(0x1680))
        .or(CharSet.range(0x2000, 0x200A)).or(CharSet.range(0x2028, 0x2029)).or(CharSet.of(0x202F)).or(CharSet.of(0x205F))
        .or(CharSet.of(0x3000)).or(CharSet.of(0xFEFF));
    private static final CharSet LINE_ENDS = CharSet.of("\n\r").or(CharSet.range(0x2028, 0x2029));
    private static final String PLAIN_ESCAPES = "\\/.*+?()[]{}|^$-\"'!#%&,:;<=>@_`~ ";

    private final String text;
    private final Writer writer;
    /** What may stand before and after an alternative without an anchor, or null for nothing. */
    private final Expression around;
    private int at;

    private RegexParser(String text, Writer writer, Expression around) {
        this.text = text;
        this.writer = writer;
        this.around = around;
    }

    /** The texts that match as a whole, with or without anchors. */
    public static Grammar parse(String regex) {
        Expression root = parse(regex, Expression.OneOf::new, null);
        return new Grammar("root", java.util.Map.of("root", root));
    }

    /** The texts that match, in characters as {@code writer} writes them; {@code around} is put where an anchor lacks. */
    static Expression parse(String regex, Writer writer, Expression around) {
        if (regex.length() > Bounds.TEXT) {
            throw Bounds.tooLarge("characters", regex.length(), Bounds.TEXT);
        }
        var parser = new RegexParser(regex, writer, around);
        Expression all = parser.alternatives(0);
        if (parser.at < regex.length()) {
            throw parser.error("there is no group that this ')' ends", parser.at);
        }
        return all;
    }

    private Expression alternatives(int depth) {
        if (depth > Bounds.NESTING) {
            throw error("more than " + Bounds.NESTING + " groups within one another", at);
        }
        List<Expression> options = new ArrayList<>();
        options.add(sequence(depth));
        while (at < text.length() && text.charAt(at) == '|') {
            at++;
            options.add(sequence(depth));
        }
        return options.size() == 1 ? options.get(0) : new Expression.Choice(List.copyOf(options));
    }

    private Expression sequence(int depth) {
        boolean anchored = at < text.length() && text.charAt(at) == '^';
        if (anchored) {
            requireTop(depth, '^');
            at++;
        }
        List<Expression> parts = new ArrayList<>();
        if (around != null && depth == 0 && !anchored) {
            parts.add(around);
        }
        boolean ended = false;
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            if (text.charAt(at) == '$') {
                requireTop(depth, '$');
                if (at + 1 < text.length() && text.charAt(at + 1) != '|') {
                    throw error("'$' is only supported at the end", at);
                }
                at++;
                ended = true;
            } else {
                parts.add(quantified(atom(depth)));
            }
        }
        if (around != null && depth == 0 && !ended) {
            parts.add(around);
        }
        return parts.size() == 1 ? parts.get(0) : new Expression.Sequence(List.copyOf(parts));
    }

    private void requireTop(int depth, char anchor) {
        if (depth > 0) {
            throw error("'" + anchor + "' is not supported within a group; put it outside", at);
        }
    }

    private Expression atom(int depth) {
        int start = at;
        char c = text.charAt(at);
        switch (c) {
            case '(' -> {
                at++;
                openGroup(start);
                Expression inner = alternatives(depth + 1);
                if (at == text.length()) {
                    throw error("this group is not closed", start);
                }
                at++;
                return inner;
            }
            case '[' -> {
                return writer.write(characterClass());
            }
            case '.' -> {
                at++;
                return writer.write(LINE_ENDS.not());
            }
            case '\\' -> {
                return writer.write(escape(false));
            }
            case '*', '+', '?', '{' -> throw error("there is nothing before '" + c + "' to repeat", at);
            case '^' -> throw error("'^' is only supported at the start", at);
            default -> {
                int codePoint = text.codePointAt(at);
                at += Character.charCount(codePoint);
                return writer.write(CharSet.of(codePoint));
            }
        }
    }

    /** Behind the parenthesis: what kind of group it is. */
    private void openGroup(int start) {
        if (at == text.length() || text.charAt(at) != '?') {
            return;
        }
        if (text.startsWith("?:", at)) {
            at += 2;
        } else if (text.startsWith("?=", at) || text.startsWith("?!", at) || text.startsWith("?<=", at) || text.startsWith("?<!", at)) {
            throw error("look-ahead and look-behind are not supported", start);
        } else if (text.startsWith("?<", at) || text.startsWith("?P<", at)) {
            int end = text.indexOf('>', at);
            if (end < 0) {
                throw error("the name of this group is not closed", start);
            }
            at = end + 1;
        } else {
            throw error("groups that start with '" + text.substring(start, Math.min(text.length(), start + 3)) + "' are not supported", start);
        }
    }

    private Expression quantified(Expression body) {
        if (at == text.length()) {
            return body;
        }
        Expression repeated = switch (text.charAt(at)) {
            case '*' -> new Repeat(body, 0, Repeat.UNLIMITED);
            case '+' -> new Repeat(body, 1, Repeat.UNLIMITED);
            case '?' -> new Repeat(body, 0, 1);
            case '{' -> counted(body);
            default -> null;
        };
        if (repeated == null) {
            return body;
        }
        at++;
        if (at < text.length() && text.charAt(at) == '?') {
            at++; // Lazy or greedy, the same texts match.
        } else if (at < text.length() && "*+{".indexOf(text.charAt(at)) >= 0) {
            throw error("possessive and repeated quantifiers are not supported", at);
        }
        return repeated;
    }

    /** {@code {m}}, {@code {m,}}, {@code {m,n}}; leaves the last brace. */
    private Expression counted(Expression body) {
        int start = at++;
        int min = count(start);
        int max = min;
        if (at < text.length() && text.charAt(at) == ',') {
            at++;
            max = at < text.length() && text.charAt(at) == '}' ? Repeat.UNLIMITED : count(start);
        }
        if (at == text.length() || text.charAt(at) != '}') {
            throw error("expected {m}, {m,} or {m,n}", start);
        }
        if (max != Repeat.UNLIMITED && max < min) {
            throw error("repeats at least " + min + " and at most " + max + " times", start);
        }
        return new Repeat(body, min, max);
    }

    private int count(int start) {
        int from = at;
        long value = 0;
        while (at < text.length() && DIGIT.contains(text.charAt(at))) {
            value = Math.min(value * 10 + text.charAt(at++) - '0', Integer.MAX_VALUE);
        }
        if (at == from) {
            throw error("expected {m}, {m,} or {m,n}", start);
        }
        if (value > Bounds.REPETITION) {
            throw error("repeats " + value + " times, " + Bounds.REPETITION + " are allowed", start);
        }
        return (int) value;
    }

    private CharSet characterClass() {
        int start = at++;
        boolean negated = at < text.length() && text.charAt(at) == '^';
        at += negated ? 1 : 0;
        CharSet set = CharSet.NONE;
        while (at < text.length() && text.charAt(at) != ']') {
            CharSet from = member();
            boolean range = at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']';
            if (!range) {
                set = set.or(from);
                continue;
            }
            int dash = at++;
            CharSet to = member();
            if (!single(from) || !single(to)) {
                throw error("a range needs a character on both sides", dash);
            }
            if (to.from(0) < from.from(0)) {
                throw error("the range ends before it starts", dash);
            }
            set = set.or(CharSet.range(from.from(0), to.from(0)));
        }
        if (at == text.length()) {
            throw error("this class is not closed", start);
        }
        at++;
        return negated ? set.not() : set;
    }

    private static boolean single(CharSet set) {
        return set.ranges() == 1 && set.from(0) == set.to(0);
    }

    private CharSet member() {
        if (text.charAt(at) == '\\') {
            return escape(true);
        }
        int codePoint = text.codePointAt(at);
        at += Character.charCount(codePoint);
        return CharSet.of(codePoint);
    }

    private CharSet escape(boolean inClass) {
        int start = at;
        if (at + 1 == text.length()) {
            throw error("an escape needs a character", start);
        }
        char c = text.charAt(at + 1);
        at += 2;
        return switch (c) {
            case 'd' -> DIGIT;
            case 'D' -> DIGIT.not();
            case 'w' -> WORD;
            case 'W' -> WORD.not();
            case 's' -> SPACE;
            case 'S' -> SPACE.not();
            case 'n' -> CharSet.of('\n');
            case 'r' -> CharSet.of('\r');
            case 't' -> CharSet.of('\t');
            case 'f' -> CharSet.of('\f');
            case 'v' -> CharSet.of(0x0B);
            case '0' -> CharSet.of(0);
            case 'x' -> CharSet.of(hex(2, start));
            case 'u' -> CharSet.of(unicode(start));
            case 'b', 'B' -> {
                if (inClass && c == 'b') {
                    yield CharSet.of('\b');
                }
                throw error("word boundaries are not supported", start);
            }
            case 'p', 'P' -> throw error("Unicode properties are not supported; list the ranges in a class", start);
            case '1', '2', '3', '4', '5', '6', '7', '8', '9', 'k' -> throw error("back-references are not supported", start);
            default -> {
                if (PLAIN_ESCAPES.indexOf(c) < 0) {
                    throw error("there is no escape '\\" + c + "'", start);
                }
                yield CharSet.of(c);
            }
        };
    }

    private int unicode(int start) {
        if (at < text.length() && text.charAt(at) == '{') {
            int end = text.indexOf('}', at);
            int digits = end - at - 1;
            if (digits < 1 || digits > 8) {
                throw error("expected hexadecimal digits and '}'", start);
            }
            at++;
            int value = hex(digits, start);
            at++;
            return value;
        }
        int high = hex(4, start);
        if (high >= 0xD800 && high <= 0xDBFF && text.startsWith("\\u", at)) {
            at += 2;
            return (high - 0xD800 << 10) + hex(4, start) - 0xDC00 + 0x10000;
        }
        return high;
    }

    private int hex(int digits, int start) {
        long value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                throw error("expected " + digits + " hexadecimal digits", start);
            }
            value = value << 4 | digit;
            at++;
        }
        if (value > CharSet.MAX) {
            throw error("there is no such character", start);
        }
        return (int) value;
    }

    private CremaException error(String what, int place) {
        return new CremaException(ErrorCode.INVALID_REQUEST, "The regular expression is wrong at character " + (place + 1) + ": " + what + ".",
            "It may have classes, groups, alternatives and quantifiers.");
    }
}
