package dev.crema.grammar;

import java.util.List;

/** Writes expressions in the syntax that {@link GbnfParser} reads. */
final class GbnfPrinter {
    /** What binds more loosely than its surroundings is put in parentheses. */
    private static final int CHOICE = 0;
    private static final int SEQUENCE = 1;
    private static final int ITEM = 2;
    private static final String HEX = "0123456789ABCDEF";

    private GbnfPrinter() { }

    static String print(Expression expression) {
        var out = new StringBuilder();
        print(expression, CHOICE, out);
        return out.toString();
    }

    private static void print(Expression expression, int level, StringBuilder out) {
        switch (expression) {
            case Expression.Literal literal -> literal(literal.text(), out);
            case Expression.OneOf one -> set(one.set(), out);
            case Expression.Sequence sequence -> list(sequence.parts(), " ", level > SEQUENCE, ITEM, out);
            case Expression.Choice choice -> list(choice.options(), " | ", level > CHOICE, SEQUENCE, out);
            case Expression.Repeat repeat -> {
                boolean nested = repeat.body() instanceof Expression.Repeat;
                out.append(nested ? "(" : "");
                print(repeat.body(), nested ? CHOICE : ITEM, out);
                out.append(nested ? ")" : "").append(count(repeat.min(), repeat.max()));
            }
            case Expression.Reference reference -> out.append(reference.rule());
        }
    }

    private static void list(List<Expression> parts, String between, boolean parentheses, int level, StringBuilder out) {
        if (parts.isEmpty()) {
            out.append(between.equals(" ") ? "\"\"" : "[]");
            return;
        }
        out.append(parentheses && parts.size() > 1 ? "(" : "");
        for (int i = 0; i < parts.size(); i++) {
            out.append(i == 0 ? "" : between);
            print(parts.get(i), parts.size() == 1 && !parentheses ? CHOICE : level, out);
        }
        out.append(parentheses && parts.size() > 1 ? ")" : "");
    }

    private static String count(int min, int max) {
        if (max == Expression.Repeat.UNLIMITED) {
            return min == 0 ? "*" : min == 1 ? "+" : "{" + min + ",}";
        }
        return min == 0 && max == 1 ? "?" : min == max ? "{" + min + "}" : "{" + min + "," + max + "}";
    }

    private static void literal(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            character(text.codePointAt(i), "\"\\", out);
        }
        out.append('"');
    }

    private static void set(CharSet set, StringBuilder out) {
        if (set.equals(CharSet.ANY)) {
            out.append('.');
            return;
        }
        boolean negated = !set.isEmpty() && set.to(set.ranges() - 1) == CharSet.MAX;
        CharSet shown = negated ? set.not() : set;
        out.append(negated ? "[^" : "[");
        for (int i = 0; i < shown.ranges(); i++) {
            character(shown.from(i), "\\[]^-", out);
            if (shown.to(i) > shown.from(i)) {
                out.append('-');
                character(shown.to(i), "\\[]^-", out);
            }
        }
        out.append(']');
    }

    private static void character(int codePoint, String special, StringBuilder out) {
        if (codePoint == '\n' || codePoint == '\r' || codePoint == '\t') {
            out.append('\\').append(codePoint == '\n' ? 'n' : codePoint == '\r' ? 'r' : 't');
        } else if (codePoint == '"' || codePoint == '\\' || codePoint == '[' || codePoint == ']') {
            out.append(special.indexOf(codePoint) >= 0 ? "\\" : "").append((char) codePoint);
        } else if (special.indexOf(codePoint) >= 0 || codePoint < 0x20 || codePoint == 0x7F) {
            escape("\\x", codePoint, 2, out);
        } else if (codePoint > 0x7F) {
            escape(codePoint > 0xFFFF ? "\\U" : "\\u", codePoint, codePoint > 0xFFFF ? 8 : 4, out);
        } else {
            out.append((char) codePoint);
        }
    }

    private static void escape(String start, int codePoint, int digits, StringBuilder out) {
        out.append(start);
        for (int i = digits - 1; i >= 0; i--) {
            out.append(HEX.charAt(codePoint >> 4 * i & 15));
        }
    }
}
