package dev.crema.api;

import dev.crema.grammar.CompiledGrammar;
import dev.crema.sampling.TokenConstraint;

import java.util.Set;

/**
 * What the replies to a request have to look like, token by token.
 *
 * @param grammar null for any text
 * @param shown   special tokens whose text is part of the reply
 * @param nanos   how long the grammar took to be made ready
 */
record Shape(Grammars grammars, CompiledGrammar grammar, Set<Integer> shown, boolean standsAlone, long nanos) {
    /** Any text, without special tokens. */
    static final Shape FREE = new Shape(null, null, Set.of(), false, 0);

    /** For one reply, or null. */
    TokenConstraint constraint() {
        return grammar == null ? null : grammars.constraint(grammar, shown, standsAlone);
    }
}
