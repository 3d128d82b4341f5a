package dev.crema.chat;

import static dev.crema.grammar.Expression.choice;
import static dev.crema.grammar.Expression.many;
import static dev.crema.grammar.Expression.optional;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.CremaException;
import dev.crema.grammar.Expression;
import dev.crema.grammar.JsonSchema;
import dev.crema.grammar.TextRules;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Calls of tools in a model's form, as a grammar. */
public final class ToolGrammar {
    /**
     * A tool that may be called.
     *
     * @param parameters JSON Schema of the arguments, or null for any object
     */
    public record Tool(String name, Json parameters) { }

    /** As templates write calls: at most one character. */
    private static final Expression SPACE = Expression.rule("tool-space");

    private final ToolForm form;
    private final boolean parallel;
    private final Map<String, Expression> rules;
    private final Expression calls;

    /** {@code rules} has those of {@link JsonSchema#rules} and receives more, with names that start with {@code tool-}; {@code parallel} allows several calls. */
    public ToolGrammar(ToolForm form, List<Tool> tools, boolean parallel, Map<String, Expression> rules) {
        this.form = form;
        this.parallel = parallel && !form.bare();
        this.rules = rules;
        List<Expression> options = new ArrayList<>();
        for (int i = 0; i < tools.size(); i++) {
            options.add(call(tools.get(i), i));
        }
        rules.put("tool-space", choice(Expression.EMPTY, text(" "), text("\n")));
        rules.put("tool-call", new Expression.Choice(List.copyOf(options)));
        calls = Expression.rule("tool-call");
    }

    private Expression call(Tool tool, int index) {
        if (form.xml()) {
            return new XmlCallGrammar(rules, "tool-" + index).call(tool);
        }
        Expression arguments = arguments(tool, index);
        if (form.named()) {
            return sequence(text(tool.name + ToolForm.ARGUMENTS), arguments);
        }
        return sequence(text("{"), SPACE, text("\"name\""), SPACE, text(":"), SPACE, text(Json.of(tool.name).toString()), SPACE, text(","), SPACE,
            text(Json.of(form.argumentsKey()).toString()), SPACE, text(":"), SPACE, arguments, SPACE, text("}"));
    }

    private Expression arguments(Tool tool, int index) {
        if (tool.parameters == null) {
            return Expression.rule("object");
        }
        try {
            return JsonSchema.add(tool.parameters, rules, "tool-" + index);
        } catch (CremaException error) {
            throw new CremaException(error.code(), "The parameters of the tool '" + tool.name + "': " + error.getMessage(), error.hint());
        }
    }

    /** A reply that calls tools and says nothing else. */
    public Expression only() {
        Expression first = form.bare() ? sequence(optional(text(form.open())), behindMark()) : sequence(text(form.open()), behindMark());
        return parallel && !form.list() ? sequence(first, many(sequence(SPACE, text(form.open()), behindMark()))) : first;
    }

    /** A reply that says what it likes, and calls tools with the right arguments if it calls any. Not for a form without a mark. */
    public Expression afterText() {
        Expression more = parallel && !form.list() ? many(sequence(SPACE, text(form.open()), behindMark())) : Expression.EMPTY;
        return TextRules.until(form.open(), sequence(behindMark(), more, optional(text("\n"))), true, rules, "tool-text-");
    }

    private Expression behindMark() {
        Expression inner = calls;
        if (form.list()) {
            Expression more = parallel ? many(sequence(text(","), SPACE, calls, SPACE)) : Expression.EMPTY;
            inner = sequence(text("["), SPACE, calls, SPACE, more, text("]"));
        }
        Expression begun = form.named() ? inner : sequence(SPACE, inner);
        return form.close().isEmpty() ? begun : sequence(begun, SPACE, text(form.close()));
    }

    /** {@code reply} behind thoughts, which are free, as far as there may be any. */
    public static Expression behindThoughts(Thinking thinking, Expression reply, Map<String, Expression> rules) {
        boolean marked = !thinking.answer().isEmpty();
        Expression behind = marked ? sequence(text(thinking.between() + thinking.answer()), reply) : sequence(new Expression.Repeat(text("\n"), 0, 3), reply);
        return switch (thinking.start()) {
            case NEVER -> reply;
            case OPEN -> TextRules.until(thinking.close(), behind, false, rules, "thought-");
            case MAYBE -> choice(marked ? sequence(text(thinking.answer()), reply) : reply, sequence(text(thinking.open()), TextRules.until(thinking.close(), behind, false, rules, "thought-")));
        };
    }
}
