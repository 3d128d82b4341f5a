package dev.crema.chat.jinja;

import java.util.List;
import java.util.Map;

/** The arguments of a call, and the budget that the callee spends from. */
record Arguments(String callee, List<Value> positional, Map<String, Value> named, Evaluator evaluator) {
    Budget budget() {
        return evaluator.budget();
    }

    /** The arguments in the order of the parameters, null for what was not passed; anything else is an error. */
    Value[] bind(String... parameters) {
        if (positional.size() > parameters.length) {
            throw new JinjaError(callee + "() takes " + parameters.length + " arguments at most, " + positional.size() + " given");
        }
        var values = new Value[parameters.length];
        for (int i = 0; i < positional.size(); i++) {
            values[i] = positional.get(i);
        }
        for (Map.Entry<String, Value> argument : named.entrySet()) {
            int index = indexOf(parameters, argument.getKey());
            if (index < 0) {
                throw new JinjaError(callee + "() has no argument '" + argument.getKey() + "'");
            }
            if (values[index] != null) {
                throw new JinjaError(callee + "() was given '" + argument.getKey() + "' twice");
            }
            values[index] = argument.getValue();
        }
        return values;
    }

    private static int indexOf(String[] names, String name) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** The one argument of a call that has no other. */
    Value only(String parameter) {
        return required(bind(parameter)[0], parameter);
    }

    Value required(Value value, String parameter) {
        if (value == null) {
            throw new JinjaError(callee + "() needs the argument '" + parameter + "'");
        }
        return value;
    }

    String string(Value value, String parameter) {
        if (required(value, parameter) instanceof Value.Str text) {
            return text.text();
        }
        throw new JinjaError(callee + "(): '" + parameter + "' must be a str, not " + value.typeName());
    }

    String string(Value value, String parameter, String otherwise) {
        return value == null ? otherwise : string(value, parameter);
    }

    long integer(Value value, String parameter, long otherwise) {
        return switch (value) {
            case null -> otherwise;
            case Value.Int number -> number.value();
            case Value.Bool flag -> flag.value() ? 1 : 0;
            default -> throw new JinjaError(callee + "(): '" + parameter + "' must be an int, not " + value.typeName());
        };
    }

    static boolean flag(Value value, boolean otherwise) {
        return value == null ? otherwise : Operators.truth(value);
    }
}
