package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's methods of {@code dict} and {@code list} that change nothing; Hugging Face's sandbox refuses the others, too. */
final class ContainerMethods {
    private ContainerMethods() { }

    /** The method {@code name} of the dict, or null. */
    static Value find(Value.Dict dict, String name) {
        return switch (name) {
            case "items" -> new Value.Function(name, arguments -> {
                arguments.bind();
                return Seq.list(items(dict, arguments.budget()));
            });
            case "keys" -> new Value.Function(name, arguments -> {
                arguments.bind();
                return Seq.list(Sequences.items(dict, arguments.budget()));
            });
            case "values" -> new Value.Function(name, arguments -> {
                arguments.bind();
                arguments.budget().makeItems(dict.entries().size());
                return Seq.list(new ArrayList<>(dict.entries().values()));
            });
            case "get" -> new Value.Function(name, arguments -> get(dict, arguments));
            case "copy" -> new Value.Function(name, arguments -> dict);
            case "update", "pop", "popitem", "setdefault", "clear" -> refused("dict", name);
            default -> null;
        };
    }

    /** Key and value of each entry, as tuples. */
    static List<Value> items(Value.Dict dict, Budget budget) {
        budget.makeItems(3L * dict.entries().size());
        var items = new ArrayList<Value>(dict.entries().size());
        for (Map.Entry<Value, Value> entry : dict.entries().entrySet()) {
            items.add(Seq.tuple(entry.getKey(), entry.getValue()));
        }
        return items;
    }

    private static Value get(Value.Dict dict, Arguments arguments) {
        Value[] given = arguments.bind("key", "default");
        Value key = arguments.required(given[0], "key");
        Value found = Operators.isKey(key) ? dict.entries().get(key) : null;
        return found != null ? found : given[1] != null ? given[1] : Value.NONE;
    }

    /** The method {@code name} of the list or tuple, or null. */
    static Value find(Seq sequence, String name) {
        return switch (name) {
            case "index" -> new Value.Function(name, arguments -> {
                Value wanted = arguments.only("value");
                for (int i = 0; i < sequence.items().size(); i++) {
                    if (Operators.equal(sequence.items().get(i), wanted, arguments.budget())) {
                        return Value.of(i);
                    }
                }
                throw new JinjaError("index(): the value is not in the list");
            });
            case "count" -> new Value.Function(name, arguments -> {
                Value wanted = arguments.only("value");
                int count = 0;
                for (Value item : sequence.items()) {
                    count += Operators.equal(item, wanted, arguments.budget()) ? 1 : 0;
                }
                return Value.of(count);
            });
            case "copy" -> new Value.Function(name, arguments -> sequence);
            case "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse" ->
                sequence.kind() == Seq.Kind.LIST ? refused("list", name) : null;
            default -> null;
        };
    }

    private static Value refused(String type, String name) {
        return new Value.Function(name, arguments -> {
            throw new JinjaError(type + "." + name + "() would change the " + type + ", which templates may not; use '+' or a namespace");
        });
    }
}
