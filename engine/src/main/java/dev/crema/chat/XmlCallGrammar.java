package dev.crema.chat;

import static dev.crema.grammar.Expression.many;
import static dev.crema.grammar.Expression.optional;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.grammar.CharSet;
import dev.crema.grammar.Expression;
import dev.crema.grammar.JsonSchema;
import dev.crema.grammar.TextRules;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Calls as {@link XmlCallReader} and {@link ArgKeyReader} read them, as a grammar. */
final class XmlCallGrammar {
    /** What stands around a call's name, a parameter's name and its value, and at the end. */
    private record Spelling(String call, String callEnd, String key, String keyEnd, String valueEnd, String end) { }

    private static final Spelling XML = new Spelling("<function=", ">\n", "<parameter=", ">\n", "\n</parameter>\n", "</function>");
    private static final Spelling ARG_KEYS = new Spelling("", "\n", "<arg_key>", "</arg_key>\n<arg_value>", "</arg_value>\n", "</tool_call>");
    /** What text without quotes can't be held to here. */
    private static final Set<String> REFUSED = Set.of("pattern", "format", "minLength", "maxLength", "anyOf", "oneOf", "allOf", "not");

    private final Map<String, Expression> rules;
    private final String prefix;
    private final Spelling spelling;
    private int names;

    XmlCallGrammar(ToolForm.Style style, Map<String, Expression> rules, String prefix) {
        spelling = style == ToolForm.Style.XML ? XML : ARG_KEYS;
        this.rules = rules;
        this.prefix = prefix;
    }

    Expression call(ToolGrammar.Tool tool) {
        return sequence(text(spelling.call + tool.name() + spelling.callEnd), parameters(tool), text(spelling.end));
    }

    private Expression parameters(ToolGrammar.Tool tool) {
        if (tool.parameters() == null) {
            Expression name = new Expression.Repeat(new Expression.OneOf(CharSet.of("<>\n").not()), 1, 64);
            return many(sequence(text(spelling.key), name, text(spelling.keyEnd), free()));
        }
        if (!(tool.parameters() instanceof Json.Obj schema) || !"object".equals(type(schema))) {
            throw unsupported("The parameters of the tool '" + tool.name() + "' are no schema of type 'object'");
        }
        Json.Obj properties = schema.get("properties") instanceof Json.Obj given ? given : new Json.Obj();
        List<Json> required = schema.get("required") instanceof Json.Arr given ? given.items() : List.of();
        List<Expression> all = new ArrayList<>();
        for (Map.Entry<String, Json> property : properties.members().entrySet()) {
            Expression parameter = sequence(text(spelling.key + property.getKey() + spelling.keyEnd), value(schema, property.getKey(), property.getValue()));
            all.add(required.contains(Json.of(property.getKey())) ? parameter : optional(parameter));
        }
        return new Expression.Sequence(List.copyOf(all));
    }

    private static String type(Json.Obj schema) {
        return schema.get("type") instanceof Json.Str type ? type.value() : null;
    }

    private Expression value(Json.Obj parameters, String name, Json schema) {
        if (!(schema instanceof Json.Obj object) || !XmlCallReader.isText(object)) {
            Expression json = JsonSchema.add(parameters, schema, "#/properties/" + name, rules, prefix + "-" + names++);
            return sequence(json, text(spelling.valueEnd));
        }
        for (String keyword : REFUSED) {
            if (object.has(keyword)) {
                throw unsupported("'" + keyword + "' of the string '" + name + "'");
            }
        }
        if (!object.has("enum") && !object.has("const")) {
            return free();
        }
        List<Json> values = object.get("enum") instanceof Json.Arr list ? list.items() : List.of(object.get("const"));
        List<Expression> options = new ArrayList<>();
        for (Json value : values) {
            if (value instanceof Json.Str option) {
                options.add(text(option.value()));
            }
        }
        return sequence(new Expression.Choice(List.copyOf(options)), text(spelling.valueEnd));
    }

    /** Any text up to the end of the parameter. */
    private Expression free() {
        return TextRules.until(spelling.valueEnd, Expression.EMPTY, false, rules, prefix + "-text-" + names++ + "-");
    }

    private static CremaException unsupported(String what) {
        return new CremaException(ErrorCode.UNSUPPORTED_PARAMETER, what + " can't be kept to in the form in which this model calls tools.",
            "Let 'tool_choice' be 'auto' and the tool not be 'strict'.");
    }
}
