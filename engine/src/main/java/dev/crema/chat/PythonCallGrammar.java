package dev.crema.chat;

import static dev.crema.grammar.Expression.choice;
import static dev.crema.grammar.Expression.sequence;
import static dev.crema.grammar.Expression.text;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.grammar.Expression;
import dev.crema.grammar.JsonSchema;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Calls as {@link PythonCallReader} reads them, as a grammar: parameters in the order of the schema, values as JSON. */
final class PythonCallGrammar {
    private final Map<String, Expression> rules;
    private final String prefix;

    PythonCallGrammar(Map<String, Expression> rules, String prefix) {
        this.rules = rules;
        this.prefix = prefix;
    }

    Expression call(ToolGrammar.Tool tool) {
        if (!(tool.parameters() instanceof Json.Obj schema) || !Json.of("object").equals(schema.get("type"))) {
            throw new CremaException(ErrorCode.UNSUPPORTED_PARAMETER, "The parameters of the tool '" + tool.name() + "' are no schema of type 'object', which can't be kept "
                + "to in the form in which this model calls tools.", "Let 'tool_choice' be 'auto' and the tool not be 'strict'.");
        }
        Json.Obj properties = schema.get("properties") instanceof Json.Obj given ? given : new Json.Obj();
        List<Json> required = schema.get("required") instanceof Json.Arr given ? given.items() : List.of();
        List<String> names = new ArrayList<>(properties.members().keySet());
        for (int i = names.size(); i >= 0; i--) {
            for (boolean first : new boolean[] {true, false}) {
                rules.put(rule(i, first), i == names.size() ? Expression.EMPTY : from(i, first, names, schema, required));
            }
        }
        return sequence(text(tool.name() + "("), Expression.rule(rule(0, true)), text(")"));
    }

    private String rule(int parameter, boolean first) {
        return prefix + "-from-" + parameter + (first ? "-first" : "");
    }

    /** The parameters from the i-th on; {@code first} where none stands before it. */
    private Expression from(int i, boolean first, List<String> names, Json.Obj schema, List<Json> required) {
        String name = names.get(i);
        Json.Obj properties = (Json.Obj) schema.get("properties");
        Expression value = JsonSchema.add(schema, properties.get(name), "#/properties/" + name, rules, prefix + "-" + i + (first ? "-first" : ""));
        Expression taken = sequence(text((first ? "" : ", ") + name + "="), value, Expression.rule(rule(i + 1, false)));
        return required.contains(Json.of(name)) ? taken : choice(taken, Expression.rule(rule(i + 1, first)));
    }
}
