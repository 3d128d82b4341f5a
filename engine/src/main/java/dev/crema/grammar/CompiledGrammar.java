package dev.crema.grammar;

import dev.crema.CremaException;

import java.nio.charset.StandardCharsets;

/** A grammar made ready to run, with what it has learned by running. For one thread. */
public final class CompiledGrammar {
    private final StateTable table;

    /** @throws CremaException INVALID_REQUEST where it is left-recursive, too large, or matched by nothing */
    public CompiledGrammar(Grammar grammar) {
        table = new StateTable(new Network(grammar));
    }

    StateTable table() {
        return table;
    }

    /** Whether {@code text} as a whole matches. */
    public boolean matches(String text) {
        return table.isAccepting(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether {@code text} is the beginning of one that matches. */
    public boolean begins(String text) {
        return table.isAlive(text.getBytes(StandardCharsets.UTF_8));
    }
}
