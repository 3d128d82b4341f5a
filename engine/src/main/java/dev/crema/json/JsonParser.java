package dev.crema.json;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

/**
 * A strict parser of RFC 8259 with a bound on nesting, so that hostile text ends in an error and not in a full stack.
 * Errors are {@link ErrorCode#INVALID_JSON} with line and column.
 */
public final class JsonParser {
    private static final int MAX_DEPTH = 512;

    private final String text;
    private int at;
    private int depth;

    private JsonParser(String text) {
        this.text = text;
    }

    /** Parses one value that fills the whole text. */
    public static Json parse(String text) {
        var parser = new JsonParser(text);
        if (text.startsWith("\uFEFF")) {
            parser.at = 1;
        }
        parser.skipSpace();
        Json value = parser.value();
        parser.skipSpace();
        if (parser.at < text.length()) {
            throw parser.error("text after the value");
        }
        return value;
    }

    /** Parses a text that must be an object. */
    public static Json.Obj parseObject(String text) {
        Json value = parse(text);
        if (value instanceof Json.Obj object) {
            return object;
        }
        throw new CremaException(ErrorCode.INVALID_JSON, "Expected a JSON object, found " + value.kind() + ".", "");
    }

    private Json value() {
        if (at == text.length()) {
            throw error("the text ends where a value should be");
        }
        char c = text.charAt(at);
        return switch (c) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> new Json.Str(string());
            case 't' -> literal("true", Json.TRUE);
            case 'f' -> literal("false", Json.FALSE);
            case 'n' -> literal("null", Json.NULL);
            default -> number();
        };
    }

    private Json literal(String word, Json value) {
        if (!text.startsWith(word, at)) {
            throw error("unknown word");
        }
        at += word.length();
        return value;
    }

    private Json object() {
        enter();
        var object = new Json.Obj();
        if (!closes('}')) {
            do {
                skipSpace();
                if (at == text.length() || text.charAt(at) != '"') {
                    throw error("expected a member name in quotes");
                }
                String name = string();
                skipSpace();
                expect(':');
                skipSpace();
                object.members().put(name, value());
            } while (another('}'));
        }
        depth--;
        return object;
    }

    private Json array() {
        enter();
        var array = new Json.Arr();
        if (!closes(']')) {
            do {
                skipSpace();
                array.items().add(value());
            } while (another(']'));
        }
        depth--;
        return array;
    }

    private void enter() {
        at++;
        if (++depth > MAX_DEPTH) {
            throw error("nested deeper than " + MAX_DEPTH);
        }
    }

    private boolean closes(char close) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == close) {
            at++;
            return true;
        }
        return false;
    }

    private boolean another(char close) {
        if (closes(close)) {
            return false;
        }
        expect(',');
        return true;
    }

    private void expect(char c) {
        if (at == text.length() || text.charAt(at) != c) {
            throw error("expected '" + c + "'");
        }
        at++;
    }

    private String string() {
        int start = ++at;
        StringBuilder out = null;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                String plain = text.substring(start, at++);
                return out == null ? plain : out.append(plain).toString();
            }
            if (c < 0x20) {
                throw error("a control character in a string");
            }
            at++;
            if (c == '\\') {
                out = (out == null ? new StringBuilder() : out).append(text, start, at - 1).append(escape());
                start = at;
            }
        }
        throw error("a string without end");
    }

    private char escape() {
        if (at == text.length()) {
            throw error("a string without end");
        }
        char c = text.charAt(at++);
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
                    if (digit < 0 || text.charAt(at) > 'f') {
                        throw error("expected four hexadecimal digits after \\u");
                    }
                    code = code << 4 | digit;
                    at++;
                }
                yield (char) code;
            }
            default -> throw error("unknown escape \\" + c);
        };
    }

    private Json number() {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (peek() == '.') {
            at++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        return new Json.Num(text.substring(start, at));
    }

    private void digits() {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == start) {
            throw error("expected a value");
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void skipSpace() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
                return;
            }
            at++;
        }
    }

    private CremaException error(String what) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < at && i < text.length(); i++) {
            column = text.charAt(i) == '\n' ? 1 : column + 1;
            line += text.charAt(i) == '\n' ? 1 : 0;
        }
        return new CremaException(ErrorCode.INVALID_JSON, "Invalid JSON at line " + line + ", column " + column + ": " + what + ".", "");
    }
}
