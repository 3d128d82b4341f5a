package dev.crema.grammar;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.grammar.Expression.Choice;
import dev.crema.grammar.Expression.Literal;
import dev.crema.grammar.Expression.OneOf;
import dev.crema.grammar.Expression.Reference;
import dev.crema.grammar.Expression.Repeat;
import dev.crema.grammar.Expression.Sequence;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads GBNF, llama.cpp's form of EBNF: rules {@code name ::= alternatives}, literals, character classes, groups, {@code * + ? {m,n}},
 * {@code .} and {@code #} comments; the rule {@code root} is what a text has to match. A rule ends with its line unless the next one goes on with
 * {@code |}, and names may have {@code _}, as other engines' EBNF has it.
 */
public final class GbnfParser {
    private final String text;
    private int at;
    private final Map<String, Expression> rules = new LinkedHashMap<>();
    /** Names that are referred to, with the place of the first time. */
    private final Map<String, Integer> references = new LinkedHashMap<>();

    private GbnfParser(String text) {
        this.text = text;
    }

    /** @throws CremaException INVALID_REQUEST, with line and column */
    public static Grammar parse(String text) {
        if (text.length() > Bounds.TEXT) {
            throw Bounds.tooLarge("characters", text.length(), Bounds.TEXT);
        }
        var parser = new GbnfParser(text);
        parser.parseRules();
        return new Grammar("root", parser.rules);
    }

    private void parseRules() {
        skipSpace(true);
        while (at < text.length()) {
            int start = at;
            String name = name();
            skipSpace(false);
            if (!text.startsWith("::=", at)) {
                throw error("expected '::=' after the rule name '" + name + "'");
            }
            at += 3;
            skipSpace(true);
            if (rules.size() == Bounds.RULES) {
                throw Bounds.tooLarge("rules", rules.size() + 1, Bounds.RULES);
            }
            if (rules.put(name, alternatives(0)) != null) {
                at = start;
                throw error("the rule '" + name + "' is there twice");
            }
            if (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
                throw error("expected the end of the rule, found '" + shown() + "'");
            }
            skipSpace(true);
        }
        check();
    }

    private void check() {
        references.forEach((name, place) -> {
            if (!rules.containsKey(name)) {
                at = place;
                throw error("there is no rule '" + name + "'");
            }
        });
        if (!rules.containsKey("root")) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "The grammar has no rule 'root'.", "Add one: it is what the reply has to match.");
        }
    }

    private Expression alternatives(int depth) {
        if (depth > Bounds.NESTING) {
            throw error("more than " + Bounds.NESTING + " groups within one another");
        }
        List<Expression> options = new ArrayList<>();
        options.add(sequence(depth));
        while (nextOption(depth)) {
            at++;
            skipSpace(true);
            options.add(sequence(depth));
        }
        return options.size() == 1 ? options.get(0) : new Choice(List.copyOf(options));
    }

    /** Whether {@code |} comes next, perhaps on the next line. */
    private boolean nextOption(int depth) {
        int before = at;
        skipSpace(true);
        if (at < text.length() && text.charAt(at) == '|') {
            return true;
        }
        if (depth == 0) {
            at = before;
        }
        return false;
    }

    private Expression sequence(int depth) {
        List<Expression> parts = new ArrayList<>();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                parts.add(literal());
            } else if (c == '[') {
                parts.add(new OneOf(characterClass()));
            } else if (c == '.') {
                at++;
                parts.add(new OneOf(CharSet.ANY));
            } else if (c == '(') {
                at++;
                skipSpace(true);
                parts.add(alternatives(depth + 1));
                if (at == text.length() || text.charAt(at) != ')') {
                    throw error("expected ')'");
                }
                at++;
            } else if (isNameCharacter(c)) {
                references.putIfAbsent(text.substring(at, nameEnd()), at);
                parts.add(new Reference(name()));
            } else if (c == '*' || c == '+' || c == '?' || c == '{') {
                if (parts.isEmpty()) {
                    throw error("there is nothing before '" + c + "' to repeat");
                }
                parts.add(repeat(parts.remove(parts.size() - 1)));
            } else if (c == '<' || c == '!') {
                throw error("token references ('<[id]>', '<name>') are not supported; write the text of the token");
            } else {
                break;
            }
            skipSpace(depth > 0);
        }
        return parts.size() == 1 ? parts.get(0) : parts.isEmpty() ? Expression.EMPTY : new Sequence(List.copyOf(parts));
    }

    private Expression repeat(Expression body) {
        char c = text.charAt(at++);
        if (c != '{') {
            return new Repeat(body, c == '+' ? 1 : 0, c == '?' ? 1 : Repeat.UNLIMITED);
        }
        skipSpace(true);
        int min = at < text.length() && text.charAt(at) == ',' ? 0 : count();
        int max = min;
        skipSpace(true);
        if (at < text.length() && text.charAt(at) == ',') {
            at++;
            skipSpace(true);
            max = at < text.length() && text.charAt(at) == '}' ? Repeat.UNLIMITED : count();
            skipSpace(true);
        }
        if (at == text.length() || text.charAt(at) != '}') {
            throw error("expected '}'");
        }
        at++;
        if (max != Repeat.UNLIMITED && max < min) {
            throw error("repeats at least " + min + " and at most " + max + " times");
        }
        return new Repeat(body, min, max);
    }

    private int count() {
        int start = at;
        long value = 0;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            value = Math.min(value * 10 + text.charAt(at++) - '0', Integer.MAX_VALUE);
        }
        if (at == start) {
            throw error("expected a number of repetitions");
        }
        if (value > Bounds.REPETITION) {
            throw error("repeats " + value + " times, " + Bounds.REPETITION + " are allowed");
        }
        return (int) value;
    }

    private Expression literal() {
        at++;
        var out = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\n') {
                throw error("expected '\"' before the end of the line");
            }
            out.appendCodePoint(character());
        }
        if (at == text.length()) {
            throw error("expected '\"' before the end");
        }
        at++;
        return new Literal(out.toString());
    }

    private CharSet characterClass() {
        at++;
        boolean negated = at < text.length() && text.charAt(at) == '^';
        at += negated ? 1 : 0;
        CharSet set = CharSet.NONE;
        while (at < text.length() && text.charAt(at) != ']') {
            int from = character();
            int to = from;
            if (at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']') {
                at++;
                to = character();
                if (to < from) {
                    throw error("the range ends before it starts");
                }
            }
            set = set.or(CharSet.range(from, to));
        }
        if (at == text.length()) {
            throw error("expected ']' before the end");
        }
        at++;
        return negated ? set.not() : set;
    }

    private int character() {
        char c = text.charAt(at);
        if (c != '\\') {
            int codePoint = text.codePointAt(at);
            at += Character.charCount(codePoint);
            return codePoint;
        }
        if (at + 1 == text.length()) {
            throw error("an escape needs a character");
        }
        char kind = text.charAt(at + 1);
        at += 2;
        return switch (kind) {
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            case 'U' -> hex(8);
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'n' -> '\n';
            case '\\', '"', '[', ']', '-', '^', '/' -> kind;
            default -> throw error("there is no escape '\\" + kind + "'");
        };
    }

    private int hex(int digits) {
        long value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                throw error("expected " + digits + " hexadecimal digits");
            }
            value = value << 4 | digit;
            at++;
        }
        if (value > CharSet.MAX || value >= 0xD800 && value <= 0xDFFF) {
            throw error("there is no character " + value);
        }
        return (int) value;
    }

    private String name() {
        int end = nameEnd();
        if (end == at) {
            throw error("expected a rule name, found '" + shown() + "'");
        }
        String name = text.substring(at, end);
        at = end;
        return name;
    }

    private int nameEnd() {
        int end = at;
        while (end < text.length() && isNameCharacter(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isNameCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }

    private void skipSpace(boolean newlines) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || newlines && (c == '\n' || c == '\r')) {
                at++;
            } else {
                return;
            }
        }
    }

    private String shown() {
        return at < text.length() ? text.substring(at, Math.min(text.length(), at + 10)) : "the end";
    }

    private CremaException error(String what) {
        int line = 1;
        int start = 0;
        int place = Math.min(at, text.length());
        for (int i = 0; i < place; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                start = i + 1;
            }
        }
        return new CremaException(ErrorCode.INVALID_REQUEST, "The grammar is wrong at line " + line + ", column " + (place - start + 1) + ": " + what
            + ".", "The syntax is llama.cpp's GBNF.");
    }
}
