package dev.crema.grammar;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.sampling.TokenConstraint;
import dev.crema.sampling.TokenMask;
import dev.crema.tokenizer.Tokenizer;

import java.util.Arrays;

/** Keeps one reply to a grammar. It goes on from where it was as long as the reply does; constraints of one grammar share its tables. */
public final class GrammarConstraint implements TokenConstraint {
    private final CompiledGrammar grammar;
    private final Tokenizer tokenizer;
    private final TokenTrie trie;
    private final int leadingSpaces;
    private int[] read = {};
    private StateTable.State state;
    /** Spaces that would not be shown, so that they are no part of the text, as long as nothing else has come. */
    private int spaces;

    /** {@code leadingSpaces} are dropped from the start of the reply ({@link Tokenizer#leadingSpaces} for a text of its own, else 0). */
    public GrammarConstraint(CompiledGrammar grammar, Tokenizer tokenizer, TokenTrie trie, int leadingSpaces) {
        this.grammar = grammar;
        this.tokenizer = tokenizer;
        this.trie = trie;
        this.leadingSpaces = leadingSpaces;
        restart();
    }

    private void restart() {
        read = new int[0];
        spaces = leadingSpaces;
        state = grammar.table().start();
    }

    @Override
    public TokenMask next(int[] reply) {
        take(reply);
        StateTable table = grammar.table();
        TokenMask mask = spaces > 0 ? null : table.mask(state);
        if (mask == null) {
            mask = TokenMask.of(trie.vocab(), words(table));
            if (spaces == 0) {
                table.keep(state, mask);
            }
        }
        return mask;
    }

    private int[] words(StateTable table) {
        int[] words = spaces > 0 ? trie.allowedAfterSpaces(table, state, spaces) : trie.allowed(table, state);
        for (int word : words) {
            if (word != 0) {
                return words;
            }
        }
        throw new CremaException(ErrorCode.INVALID_REQUEST, "No token of the model's vocabulary goes on with the grammar after " + read.length + " tokens.",
            "The vocabulary lacks the characters that the grammar asks for.");
    }

    @Override
    public boolean ends(int[] reply) {
        take(reply);
        return state.isFinal();
    }

    private void take(int[] reply) {
        if (reply.length < read.length || !Arrays.equals(read, 0, read.length, reply, 0, read.length)) {
            restart();
        }
        StateTable table = grammar.table();
        state = table.current(state);
        for (int i = read.length; i < reply.length; i++) {
            for (byte b : tokenizer.bytes(reply[i])) {
                if (spaces > 0 && b == ' ') {
                    spaces--;
                } else {
                    spaces = 0;
                    state = table.step(state, b & 255);
                }
            }
        }
        read = reply;
    }
}
