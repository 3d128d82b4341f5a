package dev.crema.grammar;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What has to be known of rules before they are compiled: which match nothing at all, which can end, and that none begins with itself. */
final class RuleFacts {
    private final Grammar grammar;
    /** Looked through from both ends in turn: most rules stand before or behind all that they refer to. */
    private final List<Map.Entry<String, Expression>> inOrder;
    private final Set<String> empty = new HashSet<>();
    private final Set<String> productive = new HashSet<>();

    /** @throws CremaException INVALID_REQUEST for left recursion, and for a grammar that no text matches */
    RuleFacts(Grammar grammar) {
        this.grammar = grammar;
        inOrder = new ArrayList<>(grammar.rules().entrySet());
        while (grow()) {
            // Until nothing is new: what a rule is depends on others.
        }
        if (!productive.contains(grammar.root())) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "No text matches the grammar: '" + grammar.root() + "' never ends.",
                "Give each recursive rule an option without recursion.");
        }
        refuseLeftRecursion();
    }

    private boolean grow() {
        boolean grown = false;
        Collections.reverse(inOrder);
        for (Map.Entry<String, Expression> rule : inOrder) {
            if (!empty.contains(rule.getKey()) && isEmpty(rule.getValue())) {
                grown |= empty.add(rule.getKey());
            }
            if (!productive.contains(rule.getKey()) && isProductive(rule.getValue())) {
                grown |= productive.add(rule.getKey());
            }
        }
        return grown;
    }

    /** Whether the expression matches the empty text. */
    private boolean isEmpty(Expression expression) {
        return switch (expression) {
            case Expression.Literal literal -> literal.text().isEmpty();
            case Expression.OneOf one -> false;
            case Expression.Sequence sequence -> {
                for (Expression part : sequence.parts()) {
                    if (!isEmpty(part)) {
                        yield false;
                    }
                }
                yield true;
            }
            case Expression.Choice choice -> {
                for (Expression option : choice.options()) {
                    if (isEmpty(option)) {
                        yield true;
                    }
                }
                yield false;
            }
            case Expression.Repeat repeat -> repeat.min() == 0 || isEmpty(repeat.body());
            case Expression.Reference reference -> empty.contains(reference.rule());
        };
    }

    /** Whether any text matches it. */
    boolean isProductive(Expression expression) {
        return switch (expression) {
            case Expression.Literal literal -> true;
            case Expression.OneOf one -> !one.set().minus(CharSet.range(0xD800, 0xDFFF)).isEmpty();
            case Expression.Sequence sequence -> {
                for (Expression part : sequence.parts()) {
                    if (!isProductive(part)) {
                        yield false;
                    }
                }
                yield true;
            }
            case Expression.Choice choice -> {
                for (Expression option : choice.options()) {
                    if (isProductive(option)) {
                        yield true;
                    }
                }
                yield false;
            }
            case Expression.Repeat repeat -> repeat.min() == 0 || isProductive(repeat.body());
            case Expression.Reference reference -> productive.contains(reference.rule());
        };
    }

    private void refuseLeftRecursion() {
        Map<String, Set<String>> firsts = new HashMap<>();
        for (Map.Entry<String, Expression> rule : grammar.rules().entrySet()) {
            var first = new LinkedHashSet<String>();
            addFirsts(rule.getValue(), first);
            firsts.put(rule.getKey(), first);
        }
        Set<String> clear = new HashSet<>();
        for (String rule : grammar.rules().keySet()) {
            follow(rule, firsts, clear);
        }
    }

    /** Depth first and without recursion: chains of rules may be long. */
    private static void follow(String start, Map<String, Set<String>> firsts, Set<String> clear) {
        List<String> path = new ArrayList<>();
        List<Iterator<String>> open = new ArrayList<>();
        Set<String> onPath = new HashSet<>();
        open.add(List.of(start).iterator());
        while (!open.isEmpty()) {
            Iterator<String> next = open.get(open.size() - 1);
            if (!next.hasNext()) {
                open.remove(open.size() - 1);
                if (!path.isEmpty()) {
                    String done = path.remove(path.size() - 1);
                    onPath.remove(done);
                    clear.add(done);
                }
                continue;
            }
            String rule = next.next();
            if (onPath.contains(rule)) {
                throw new CremaException(ErrorCode.INVALID_REQUEST, "The grammar is left-recursive: the rule '" + rule + "' begins with itself.",
                    "Write it with a repetition, or with the recursion at the end.");
            }
            if (!clear.contains(rule)) {
                path.add(rule);
                onPath.add(rule);
                open.add(firsts.get(rule).iterator());
            }
        }
    }

    /** The rules that a text of {@code expression} may begin with. */
    private void addFirsts(Expression expression, Set<String> firsts) {
        switch (expression) {
            case Expression.Literal literal -> { }
            case Expression.OneOf one -> { }
            case Expression.Sequence sequence -> {
                for (Expression part : sequence.parts()) {
                    addFirsts(part, firsts);
                    if (!isEmpty(part)) {
                        return;
                    }
                }
            }
            case Expression.Choice choice -> choice.options().forEach(option -> addFirsts(option, firsts));
            case Expression.Repeat repeat -> addFirsts(repeat.body(), firsts);
            case Expression.Reference reference -> firsts.add(reference.rule());
        }
    }
}
