package dev.crema.chat.jinja;

import dev.crema.Clock;
import dev.crema.chat.jinja.Value.Seq;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions every template has: jinja2's own, and {@code raise_exception} and {@code strftime_now} of Hugging Face. */
final class Globals {
    /** jinja2's sandbox has the same bound. */
    private static final int MAX_RANGE = 100_000;

    private final Scope scope = new Scope(null);

    Globals(Clock clock) {
        add("raise_exception", arguments -> {
            throw JinjaError.raisedByTemplate(PythonText.string(arguments.only("message"), arguments.budget()));
        });
        add("strftime_now", arguments ->
            Value.of(Strftime.format(arguments.string(arguments.only("format"), "format"), clock.epochMillis())));
        add("namespace", arguments -> {
            var attributes = new LinkedHashMap<String, Value>();
            dict(arguments).forEach((key, value) -> attributes.put(PythonText.string(key, arguments.budget()), value));
            return new Value.Namespace(attributes);
        });
        add("dict", arguments -> new Value.Dict(dict(arguments)));
        add("range", Globals::range);
        add("joiner", Globals::joiner);
        add("cycler", Globals::cycler);
    }

    Scope scope() {
        return scope;
    }

    private void add(String name, Value.Function.Body body) {
        scope.set(name, new Value.Function(name, body));
    }

    /** Entries of the positional dicts or lists of pairs, then the named arguments. */
    private static Map<Value, Value> dict(Arguments arguments) {
        var entries = new LinkedHashMap<Value, Value>();
        for (Value source : arguments.positional()) {
            if (source instanceof Value.Dict dict) {
                entries.putAll(dict.entries());
                continue;
            }
            for (Value pair : Sequences.items(Operators.defined(source), arguments.budget())) {
                if (!(pair instanceof Seq two) || two.items().size() != 2 || !Operators.isKey(two.items().get(0))) {
                    throw new JinjaError(arguments.callee() + "() needs a dict or pairs of key and value");
                }
                entries.put(two.items().get(0), two.items().get(1));
            }
        }
        arguments.named().forEach((name, value) -> entries.put(Value.of(name), value));
        arguments.budget().makeItems(2L * entries.size());
        return entries;
    }

    private static Value range(Arguments arguments) {
        Value[] given = arguments.bind("start", "stop", "step");
        boolean one = given[1] == null;
        long start = one ? 0 : arguments.integer(given[0], "start", 0);
        long stop = arguments.integer(arguments.required(one ? given[0] : given[1], "stop"), "stop", 0);
        long step = arguments.integer(given[2], "step", 1);
        if (step == 0) {
            throw new JinjaError("range(): 'step' must not be 0");
        }
        var items = new ArrayList<Value>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            if (items.size() == MAX_RANGE) {
                throw new JinjaError("range() of more than " + MAX_RANGE + " numbers");
            }
            items.add(Value.of(i));
        }
        arguments.budget().makeItems(items.size());
        return Seq.list(items);
    }

    /** A function that gives nothing the first time, then the separator. */
    private static Value joiner(Arguments arguments) {
        String separator = arguments.string(arguments.bind("sep")[0], "sep", ", ");
        var used = new boolean[1];
        return new Value.Function("joiner", call -> {
            boolean first = !used[0];
            used[0] = true;
            return Value.of(first ? "" : separator);
        });
    }

    /** An object whose {@code next()} goes round its values. */
    private static Value cycler(Arguments arguments) {
        List<Value> values = arguments.positional();
        if (values.isEmpty()) {
            throw new JinjaError("cycler() needs at least one value");
        }
        var attributes = new LinkedHashMap<String, Value>();
        var place = new int[1];
        attributes.put("current", values.get(0));
        attributes.put("next", new Value.Function("next", call -> {
            Value now = values.get(place[0]);
            place[0] = (place[0] + 1) % values.size();
            attributes.put("current", values.get(place[0]));
            return now;
        }));
        attributes.put("reset", new Value.Function("reset", call -> {
            place[0] = 0;
            attributes.put("current", values.get(0));
            return Value.NONE;
        }));
        return new Value.Namespace(attributes);
    }
}
