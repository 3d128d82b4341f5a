package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code map}, {@code select}, {@code reject}, {@code selectattr} and {@code rejectattr}. */
final class Selections {
    private Selections() { }

    static Value filter(String name, Value value, Arguments arguments) {
        List<Value> items = Sequences.items(value, arguments.budget());
        arguments.budget().makeItems(items.size());
        if (name.equals("map")) {
            return map(items, arguments);
        }
        boolean byAttribute = name.endsWith("attr");
        List<Value> given = arguments.positional();
        Value attribute = byAttribute ? arguments.required(given.isEmpty() ? null : given.get(0), "attribute") : null;
        List<Value> rest = byAttribute ? given.subList(1, given.size()) : given;
        String test = rest.isEmpty() ? null : arguments.string(rest.get(0), "test");
        Arguments tested = rest.isEmpty() ? null : rest(test, rest, arguments);
        var kept = new ArrayList<Value>();
        for (Value item : items) {
            Value subject = byAttribute ? path(item, attribute, arguments.budget()) : item;
            boolean passes = test == null ? Operators.truth(subject) : Tests.test(test, subject, tested);
            if (passes == name.startsWith("select")) {
                kept.add(item);
            }
        }
        return Seq.lazy(kept);
    }

    private static Value map(List<Value> items, Arguments arguments) {
        Value attribute = arguments.named().get("attribute");
        List<Value> given = arguments.positional();
        var mapped = new ArrayList<Value>(items.size());
        if (attribute != null) {
            Value otherwise = arguments.named().get("default");
            for (Value item : items) {
                Value found = path(item, attribute, arguments.budget());
                mapped.add(found instanceof Value.Undefined && otherwise != null ? otherwise : found);
            }
            return Seq.lazy(mapped);
        }
        String filter = arguments.string(given.isEmpty() ? null : given.get(0), "filter");
        Arguments passed = rest(filter, given, arguments);
        for (Value item : items) {
            arguments.budget().enter();
            mapped.add(Filters.filter(filter, item, passed));
            arguments.budget().leave();
        }
        return Seq.lazy(mapped);
    }

    private static Arguments rest(String callee, List<Value> given, Arguments arguments) {
        return new Arguments(callee, given.subList(1, given.size()), callee.equals("map") ? Map.of() : arguments.named(), arguments.evaluator());
    }

    /** What {@code attribute} names in {@code item}: an index, a key, or several with dots between them. */
    static Value path(Value item, Value attribute, Budget budget) {
        if (!(attribute instanceof Value.Str text)) {
            return Members.item(item, attribute, budget);
        }
        Value value = item;
        String path = text.text();
        int start = 0;
        while (start <= path.length()) {
            int dot = path.indexOf('.', start);
            String name = path.substring(start, dot < 0 ? path.length() : dot);
            boolean index = !name.isEmpty() && name.length() < 10 && TextCase.is(name, "isdigit");
            value = Members.item(value, index ? Value.of(Long.parseLong(name)) : Value.of(name), budget);
            start = dot < 0 ? path.length() + 1 : dot + 1;
        }
        return value;
    }
}
