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
        StateTable.State state = after(text);
        return state.accepts;
    }

    /** Whether {@code text} is the beginning of one that matches. */
    public boolean begins(String text) {
        return !after(text).isDead();
    }

    private StateTable.State after(String text) {
        StateTable.State state = table.current(table.start());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            state = table.step(state, b & 255);
        }
        return state;
    }
}
