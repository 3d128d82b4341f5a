package dev.crema.api;

import dev.crema.Clock;
import dev.crema.chat.Thinking;
import dev.crema.chat.ToolForm;
import dev.crema.chat.ToolGrammar;
import dev.crema.grammar.Expression;
import dev.crema.grammar.Grammar;
import dev.crema.grammar.JsonSchema;
import dev.crema.json.Json;
import dev.crema.tokenizer.Tokenizer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the reply to a chat request is read and what it has to look like: thoughts, calls of tools and content.
 *
 * @param form null where no tools are to be called
 */
record ChatShape(Shape shape, Thinking thinking, ToolForm form) {
    /** {@code form} is that of the model, {@code thinking} that of the prompt. */
    static ChatShape of(ChatCompletionRequest request, Thinking thinking, ToolForm form, Tokenizer tokenizer, Grammars grammars, Clock clock) {
        ToolDefinitions tools = request.tools();
        ToolForm used = tools == null ? null : form;
        Set<Integer> shown = shown(thinking, used, tokenizer);
        OutputFormat format = request.options().format();
        // Without a mark there is nothing that would tell a call from other content before its name is there.
        boolean strict = tools != null && tools.strict() && form.hasMark();
        if (format == null && (tools == null || !tools.required() && !strict)) {
            return new ChatShape(new Shape(null, null, shown, false, 0), thinking, used);
        }
        if (format != null && tools != null && tools.required()) {
            throw Fields.invalid(format.param(), "'" + format.param() + "' shapes a reply, but 'tool_choice' asks for a call instead; send one of them.");
        }
        long start = clock.nanos();
        String key = thinking + " " + (tools == null ? "" : form + " " + tools) + " " + (format == null ? "" : format.key());
        var grammar = grammars.compiled(key, format == null ? "tools" : format.param(), () -> grammar(format, tools, form, thinking));
        return new ChatShape(new Shape(grammars, grammar, shown, !request.continuesAssistant(), clock.nanos() - start), thinking, used);
    }

    /** Marks that are special tokens would not be seen otherwise. */
    private static Set<Integer> shown(Thinking thinking, ToolForm form, Tokenizer tokenizer) {
        Set<Integer> shown = new HashSet<>();
        List<String> marks = new ArrayList<>(thinking.tokens());
        if (form != null) {
            marks.addAll(form.tokens());
        }
        for (String mark : marks) {
            int id = mark.isEmpty() ? -1 : tokenizer.id(mark);
            if (id >= 0 && tokenizer.isSpecial(id)) {
                shown.add(id);
            }
        }
        return shown;
    }

    private static Grammar grammar(OutputFormat format, ToolDefinitions tools, ToolForm form, Thinking thinking) {
        Grammar own = format == null ? null : format.grammar();
        if (own != null && tools == null && thinking.start() == Thinking.Start.NEVER) {
            return own;
        }
        Map<String, Expression> rules = JsonSchema.rules();
        Expression content = null;
        if (own != null) {
            Grammar renamed = own.renamed("content-");
            rules.putAll(renamed.rules());
            content = Expression.rule(renamed.root());
        }
        Expression reply = null;
        if (tools != null) {
            var calls = new ToolGrammar(form, callable(tools), tools.parallel(), rules);
            reply = content != null || tools.required() ? calls.only() : calls.afterText();
        }
        rules.put("reply", ToolGrammar.behindThoughts(thinking, form, content, reply, rules));
        return new Grammar("reply", rules);
    }

    /** Where a call is not required, only strict tools promise arguments that match. */
    private static List<ToolGrammar.Tool> callable(ToolDefinitions tools) {
        List<ToolGrammar.Tool> callable = new ArrayList<>();
        tools.callable().forEach((name, function) -> {
            boolean any = !tools.required() && !Json.TRUE.equals(function.get("strict"));
            callable.add(new ToolGrammar.Tool(name, any ? null : parameters(function)));
        });
        return callable;
    }

    /** A function without parameters takes none. */
    private static Json parameters(Json.Obj function) {
        if (!function.has("parameters")) {
            return new Json.Obj().put("type", "object").put("additionalProperties", false);
        }
        Json.Obj given = (Json.Obj) function.get("parameters");
        if (given.has("type") || given.has("$ref") || given.has("anyOf") || given.has("oneOf") || given.has("allOf")) {
            return given;
        }
        var typed = new Json.Obj();
        typed.members().putAll(given.members());
        return typed.put("type", "object");
    }
}
