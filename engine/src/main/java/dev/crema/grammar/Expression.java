package dev.crema.grammar;

import java.util.List;

/** The right-hand side of a rule, over Unicode code points. {@code toString} is GBNF. Immutable. */
public sealed interface Expression {
    /** Nothing at all. */
    Expression EMPTY = new Literal("");

    /** Exactly this text. */
    record Literal(String text) implements Expression {
        @Override
        public String toString() {
            return GbnfPrinter.print(this);
        }
    }

    /** One code point of a set. */
    record OneOf(CharSet set) implements Expression {
        @Override
        public String toString() {
            return GbnfPrinter.print(this);
        }
    }

    /** One after the other. */
    record Sequence(List<Expression> parts) implements Expression {
        @Override
        public String toString() {
            return GbnfPrinter.print(this);
        }
    }

    /** Any of them; of none at all, nothing matches. */
    record Choice(List<Expression> options) implements Expression {
        @Override
        public String toString() {
            return GbnfPrinter.print(this);
        }
    }

    /** {@code min} to {@code max} times; {@link #UNLIMITED} for no upper bound. */
    record Repeat(Expression body, int min, int max) implements Expression {
        public static final int UNLIMITED = -1;

        @Override
        public String toString() {
            return GbnfPrinter.print(this);
        }
    }

    /** What the rule of this name says. */
    record Reference(String rule) implements Expression {
        @Override
        public String toString() {
            return rule;
        }
    }

    static Expression sequence(Expression... parts) {
        return new Sequence(List.of(parts));
    }

    static Expression choice(Expression... options) {
        return new Choice(List.of(options));
    }

    static Expression text(String text) {
        return new Literal(text);
    }

    static Expression rule(String name) {
        return new Reference(name);
    }

    static Expression optional(Expression body) {
        return new Repeat(body, 0, 1);
    }

    static Expression many(Expression body) {
        return new Repeat(body, 0, Repeat.UNLIMITED);
    }
}
