package dev.crema.chat;

import static dev.crema.grammar.Expression.choice;
import static dev.crema.grammar.Expression.many;
import static dev.crema.grammar.Expression.optional;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.CremaException;
import dev.crema.grammar.CharSet;
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
        this.parallel = parallel && (!form.bare() || form.list()) && !form.replacesAnswer();
        this.rules = rules;
        List<Expression> options = new ArrayList<>();
        for (int i = 0; i < tools.size(); i++) {
            options.add(call(tools.get(i), i));
        }
        rules.put("tool-space", form == ToolForm.COMMAND ? choice(Expression.EMPTY, text(" "), text("\n"), text("\n    ")) : choice(Expression.EMPTY, text(" "), text("\n")));
        rules.put("tool-call", new Expression.Choice(List.copyOf(options)));
        calls = Expression.rule("tool-call");
    }

    private Expression call(Tool tool, int index) {
        switch (form.style()) {
            case XML, ARG_KEYS -> {
                return new XmlCallGrammar(form.style(), rules, "tool-" + index).call(tool);
            }
            case PYTHON -> {
                return new PythonCallGrammar(rules, "tool-" + index).call(tool);
            }
            case FRAMED -> {
                ToolForm.Frame frame = form.frame();
                Expression number = frame.numbered() ? sequence(text(":"), new Expression.Repeat(new Expression.OneOf(CharSet.of("0123456789")), 1, 3)) : Expression.EMPTY;
                return sequence(text(frame.before() + tool.name), number, text(frame.between()), arguments(tool, index), text(frame.after()));
            }
            case JSON -> { }
        }
        Expression arguments = arguments(tool, index);
        if (form == ToolForm.COMMAND) {
            Expression number = new Expression.Repeat(new Expression.OneOf(CharSet.of("0123456789")), 1, 3);
            return sequence(text("{"), SPACE, text("\"tool_call_id\": \""), number, text("\", \"tool_name\": " + Json.of(tool.name) + ", \"parameters\": "), arguments, SPACE,
                text("}"));
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
        return parallel && !form.isSection() ? sequence(first, many(sequence(SPACE, text(form.open()), behindMark()))) : first;
    }

    /** A reply that says what it likes, and calls tools with the right arguments if it calls any. Not for a form without a mark. */
    public Expression afterText() {
        Expression more = parallel && !form.isSection() ? many(sequence(SPACE, text(form.open()), behindMark())) : Expression.EMPTY;
        return TextRules.until(form.open(), sequence(behindMark(), more, optional(text("\n"))), true, rules, "tool-text-");
    }

    private Expression behindMark() {
        Expression inner = calls;
        if (form.list()) {
            Expression more = parallel ? many(sequence(text(","), SPACE, calls, SPACE)) : Expression.EMPTY;
            inner = sequence(text("["), SPACE, calls, SPACE, more, text("]"));
        }
        if (form.isSection() && !form.list() && parallel) {
            inner = sequence(calls, many(sequence(SPACE, calls)));
        }
        Expression begun = form.style() == ToolForm.Style.FRAMED ? inner : sequence(SPACE, inner);
        return form.close().isEmpty() ? begun : sequence(begun, SPACE, text(form.close()));
    }

    /** {@code content}, {@code calls} or either (one may be null) behind thoughts, which are free, as far as there may be any. */
    public static Expression behindThoughts(Thinking thinking, ToolForm form, Expression content, Expression calls, Map<String, Expression> rules) {
        boolean marked = !thinking.answer().isEmpty();
        if (!marked) {
            Expression reply = either(content, calls);
            return thoughts(thinking, sequence(new Expression.Repeat(text("\n"), 0, 3), reply), reply, rules);
        }
        Expression answer = content == null ? null : sequence(text(thinking.answer()), content);
        Expression called = calls == null || form.replacesAnswer() ? calls : sequence(text(thinking.answer()), calls);
        Expression reply = thinking.start() == Thinking.Start.NEVER ? either(content, calls) : either(answer, called);
        return thoughts(thinking, sequence(text(thinking.between()), reply), reply, rules);
    }

    private static Expression either(Expression content, Expression calls) {
        return content == null ? calls : calls == null ? content : choice(content, calls);
    }

    private static Expression thoughts(Thinking thinking, Expression behind, Expression reply, Map<String, Expression> rules) {
        return switch (thinking.start()) {
            case NEVER -> reply;
            case OPEN -> TextRules.until(thinking.close(), behind, false, rules, "thought-");
            case MAYBE -> choice(reply, sequence(text(thinking.open()), TextRules.until(thinking.close(), behind, false, rules, "thought-")));
        };
    }
}
