package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Token.Kind;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a template into text and the tokens between {@code {{ }}} and {@code {% %}}, with jinja2's rules for white space: {@code -} strips
 * what stands on its side, a block or comment takes the newline after it ({@code trim_blocks}) and the blanks before it on its line
 * ({@code lstrip_blocks}) unless it says {@code +}. Newlines are {@code \n} here already ({@link #normalize}).
 */
final class Lexer {
    private static final String[] LONG_OPERATORS = {"==", "!=", ">=", "<=", "//", "**"};
    private static final String OPERATORS = "+-*/%~[](){}=<>.:|,";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String source) {
        var lexer = new Lexer(source);
        lexer.template();
        lexer.add(Kind.END, "", source.length());
        return lexer.tokens;
    }

    /** The source as jinja2 reads it: any newline is {@code \n}, and one at the very end does not count. */
    static String normalize(String source) {
        String text = source.indexOf('\r') < 0 ? source : source.replace("\r\n", "\n").replace('\r', '\n');
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    private void template() {
        while (at < source.length()) {
            int open = nextOpening(at);
            if (open == source.length()) {
                addText(at, open);
                return;
            }
            char kind = source.charAt(open + 1);
            char sign = open + 2 < source.length() ? source.charAt(open + 2) : 0;
            boolean signed = sign == '-' || sign == '+';
            addText(at, textEnd(at, open, kind, sign));
            at = open + (signed ? 3 : 2);
            switch (kind) {
                case '#' -> comment(open);
                case '{' -> {
                    add(Kind.OPEN_OUTPUT, "{{", open);
                    code('}', Kind.CLOSE_OUTPUT);
                }
                default -> {
                    if (!raw(open)) {
                        add(Kind.OPEN_BLOCK, "{%", open);
                        code('%', Kind.CLOSE_BLOCK);
                    }
                }
            }
        }
    }

    private int nextOpening(int from) {
        int open = source.indexOf('{', from);
        while (open >= 0 && open + 1 < source.length()) {
            char c = source.charAt(open + 1);
            if (c == '{' || c == '%' || c == '#') {
                return open;
            }
            open = source.indexOf('{', open + 1);
        }
        return source.length();
    }

    /** Where the text before an opening tag ends, once white space is stripped as the tag wants it. */
    private int textEnd(int start, int open, char kind, char sign) {
        int end = open;
        if (sign == '-') {
            while (end > start && PythonText.isSpace(source.charAt(end - 1))) {
                end--;
            }
            return end;
        }
        if (sign == '+' || kind == '{') {
            return open;
        }
        while (end > start && (source.charAt(end - 1) == ' ' || source.charAt(end - 1) == '\t')) {
            end--;
        }
        boolean lineStarts = end == 0 || source.charAt(end - 1) == '\n';
        return lineStarts ? end : open;
    }

    private void comment(int open) {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw new JinjaError("a comment without end").at(open);
        }
        char sign = end > at ? source.charAt(end - 1) : 0;
        at = end + 2;
        afterTag(sign);
    }

    /** White space after {@code %}} or {@code #}}. */
    private void afterTag(char sign) {
        if (sign == '-') {
            skipSpace();
        } else if (sign != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
    }

    private void skipSpace() {
        while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
            at++;
        }
    }

    /** Reads {@code raw %}...{% endraw %}} as text; false (and nothing read) for any other block. */
    private boolean raw(int open) {
        int start = at;
        if (!rawWord("raw")) {
            at = start;
            return false;
        }
        int bodyStart = at;
        int close = source.indexOf("{%", bodyStart);
        while (close >= 0) {
            char sign = close + 2 < source.length() ? source.charAt(close + 2) : 0;
            at = close + (sign == '-' || sign == '+' ? 3 : 2);
            if (rawWord("endraw")) {
                addText(bodyStart, textEnd(bodyStart, close, '%', sign));
                return true;
            }
            close = source.indexOf("{%", close + 2);
        }
        throw new JinjaError("raw without endraw").at(open);
    }

    private boolean rawWord(String word) {
        skipSpace();
        if (!source.startsWith(word, at)) {
            return false;
        }
        at += word.length();
        skipSpace();
        char sign = at < source.length() ? source.charAt(at) : 0;
        at += sign == '-' || sign == '+' ? 1 : 0;
        if (!source.startsWith("%}", at)) {
            return false;
        }
        at += 2;
        // As in jinja2, the newline after {% raw %} stays.
        afterTag(word.equals("raw") && sign != '-' ? '+' : sign);
        return true;
    }

    /** The tokens up to the closing tag, whose first character is {@code closing}. */
    private void code(char closing, Kind close) {
        int brackets = 0;
        while (true) {
            skipSpace();
            if (at == source.length()) {
                throw new JinjaError("the template ends inside a tag").at(at);
            }
            if (brackets == 0 && closes(closing, close)) {
                return;
            }
            int start = at;
            token();
            Token last = tokens.get(tokens.size() - 1);
            if (last.kind() == Kind.OPERATOR && at == start + 1) {
                char c = source.charAt(start);
                brackets += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
                if (brackets < 0) {
                    throw new JinjaError("'" + c + "' closes nothing").at(start);
                }
            }
        }
    }

    private boolean closes(char closing, Kind close) {
        char c = source.charAt(at);
        boolean signed = c == '-' || c == '+' && close == Kind.CLOSE_BLOCK;
        int tag = signed ? at + 1 : at;
        if (tag + 1 >= source.length() || source.charAt(tag) != closing || source.charAt(tag + 1) != '}') {
            return false;
        }
        add(close, source.substring(tag, tag + 2), at);
        at = tag + 2;
        afterTag(signed ? c : close == Kind.CLOSE_OUTPUT ? '+' : 0);
        return true;
    }

    private void token() {
        char c = source.charAt(at);
        int start = at;
        if (isNameStart(c)) {
            while (at < source.length() && isNamePart(source.charAt(at))) {
                at++;
            }
            add(Kind.NAME, source.substring(start, at), start);
        } else if (isDigit(at)) {
            number();
        } else if (c == '"' || c == '\'') {
            string(c);
        } else {
            operator();
        }
    }

    private void operator() {
        for (String operator : LONG_OPERATORS) {
            if (source.startsWith(operator, at)) {
                add(Kind.OPERATOR, operator, at);
                at += 2;
                return;
            }
        }
        char c = source.charAt(at);
        if (OPERATORS.indexOf(c) < 0) {
            throw new JinjaError("unexpected character '" + c + "'").at(at);
        }
        add(Kind.OPERATOR, String.valueOf(c), at++);
    }

    private void number() {
        int start = at;
        digits();
        boolean member = start > 0 && source.charAt(start - 1) == '.';
        boolean real = false;
        if (!member && at < source.length() && source.charAt(at) == '.' && isDigit(at + 1)) {
            real = true;
            at++;
            digits();
        }
        if (!member && at < source.length() && (source.charAt(at) == 'e' || source.charAt(at) == 'E')) {
            int sign = at + 1 < source.length() && (source.charAt(at + 1) == '+' || source.charAt(at + 1) == '-') ? 1 : 0;
            if (isDigit(at + 1 + sign)) {
                real = true;
                at += 1 + sign;
                digits();
            }
        }
        String text = source.substring(start, at);
        add(real ? Kind.FLOAT : Kind.INTEGER, text.indexOf('_') < 0 ? text : text.replace("_", ""), start);
    }

    private void digits() {
        while (isDigit(at) || at < source.length() && source.charAt(at) == '_' && isDigit(at + 1)) {
            at++;
        }
    }

    private void string(char quote) {
        int start = at++;
        var out = new StringBuilder();
        while (at < source.length() && source.charAt(at) != quote) {
            char c = source.charAt(at++);
            if (c == '\\' && at < source.length()) {
                escape(out);
            } else {
                out.append(c);
            }
        }
        if (at == source.length()) {
            throw new JinjaError("a string without end").at(start);
        }
        at++;
        add(Kind.STRING, out.toString(), start);
    }

    /** One of Python's escapes; an unknown one stays as it is written. */
    private void escape(StringBuilder out) {
        char c = source.charAt(at++);
        switch (c) {
            case '\n' -> { }
            case '\\', '\'', '"' -> out.append(c);
            case 'n' -> out.append('\n');
            case 't' -> out.append('\t');
            case 'r' -> out.append('\r');
            case 'a' -> out.append('\u0007');
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'v' -> out.append('\u000B');
            case 'x' -> out.append((char) hexadecimal(2));
            case 'u' -> out.append((char) hexadecimal(4));
            case 'U' -> {
                int point = hexadecimal(8);
                if (point < 0 || point > Character.MAX_CODE_POINT) {
                    throw new JinjaError("no such character").at(at);
                }
                out.appendCodePoint(point);
            }
            default -> {
                if (c >= '0' && c <= '7') {
                    out.append((char) octal(c - '0'));
                } else {
                    out.append('\\').append(c);
                }
            }
        }
    }

    private int octal(int first) {
        int value = first;
        for (int i = 0; i < 2 && at < source.length() && source.charAt(at) >= '0' && source.charAt(at) <= '7'; i++) {
            value = value * 8 + source.charAt(at++) - '0';
        }
        return value;
    }

    private int hexadecimal(int count) {
        int value = 0;
        for (int i = 0; i < count; i++) {
            int digit = at < source.length() ? Character.digit(source.charAt(at), 16) : -1;
            if (digit < 0) {
                throw new JinjaError("expected " + count + " hexadecimal digits").at(at);
            }
            value = value << 4 | digit;
            at++;
        }
        return value;
    }

    private boolean isDigit(int index) {
        return index < source.length() && source.charAt(index) >= '0' && source.charAt(index) <= '9';
    }

    private static boolean isNameStart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c > 127 && Character.isLetter(c);
    }

    private static boolean isNamePart(char c) {
        return isNameStart(c) || c >= '0' && c <= '9';
    }

    private void addText(int start, int end) {
        if (end > start) {
            add(Kind.TEXT, source.substring(start, end), start);
        }
    }

    private void add(Kind kind, String text, int offset) {
        tokens.add(new Token(kind, text, offset));
    }
}
