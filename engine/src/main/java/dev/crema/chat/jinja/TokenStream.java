package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Token.Kind;

import java.util.List;

/** Tokens with a place, and the nesting depth of whoever reads them. */
final class TokenStream {
    private final List<Token> tokens;
    private int at;
    private int depth;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peekSecond() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    /** The current token; the last one, END, stays. */
    Token next() {
        Token token = tokens.get(at);
        if (at < tokens.size() - 1) {
            at++;
        }
        return token;
    }

    boolean skip(Kind kind, String text) {
        if (!peek().is(kind, text)) {
            return false;
        }
        next();
        return true;
    }

    void expect(Kind kind, String text) {
        Token token = peek();
        if (!token.is(kind, text)) {
            throw new JinjaError("expected '" + text + "', found " + token.describe()).at(token.at());
        }
        next();
    }

    String name() {
        Token token = next();
        if (token.kind() != Kind.NAME) {
            throw new JinjaError("expected a name, found " + token.describe()).at(token.at());
        }
        return token.text();
    }

    void enter() {
        if (++depth > Budget.MAX_NESTING) {
            throw new JinjaError("nested deeper than " + Budget.MAX_NESTING).at(peek().at());
        }
    }

    void leave() {
        depth--;
    }
}
