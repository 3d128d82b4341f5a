package dev.crema.chat.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables of a template, loop iteration, macro or block; what is not here is looked up around it. */
final class Scope {
    private final Scope around;
    private final Map<String, Value> variables = new HashMap<>();

    Scope(Scope around) {
        this.around = around;
    }

    /** The value, or null where no scope has the name. */
    Value get(String name) {
        for (Scope scope = this; scope != null; scope = scope.around) {
            Value value = scope.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    void set(String name, Value value) {
        variables.put(name, value);
    }
}
