package dev.crema.api;

import dev.crema.CremaException;
import dev.crema.engine.Model;
import dev.crema.grammar.CompiledGrammar;
import dev.crema.grammar.Grammar;
import dev.crema.grammar.GrammarConstraint;
import dev.crema.grammar.TokenTrie;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The grammars that were asked for last, ready to run with all that they have learned, and the model's vocabulary as they need it. */
final class Grammars {
    private static final int KEPT = 4;

    private final Model model;
    private final Map<String, CompiledGrammar> grammars = new LinkedHashMap<>();
    private final Map<Set<Integer>, TokenTrie> tries = new LinkedHashMap<>();

    Grammars(Model model) {
        this.model = model;
    }

    /** The grammar of {@code key}, made by {@code source} unless it is known; its errors are those of the field {@code param}. */
    CompiledGrammar compiled(String key, String param, Supplier<Grammar> source) {
        CompiledGrammar known = grammars.remove(key);
        if (known == null) {
            try {
                known = new CompiledGrammar(source.get());
            } catch (CremaException error) {
                throw OutputFormat.of(param, error);
            }
            if (grammars.size() == KEPT) {
                grammars.remove(grammars.keySet().iterator().next());
            }
        }
        grammars.put(key, known);
        return known;
    }

    CompiledGrammar compiled(OutputFormat format) {
        return compiled(format.key(), format.param(), format::grammar);
    }

    /** Keeps one reply to it. {@code shown} are special tokens that stand for their text. */
    GrammarConstraint constraint(CompiledGrammar grammar, Set<Integer> shown, boolean standsAlone) {
        TokenTrie trie = tries.computeIfAbsent(shown,
            marks -> new TokenTrie(model.tokenizer(), model.logitCount(), model.endTokens(), marks));
        return new GrammarConstraint(grammar, model.tokenizer(), trie, standsAlone ? model.tokenizer().leadingSpaces() : 0);
    }
}
