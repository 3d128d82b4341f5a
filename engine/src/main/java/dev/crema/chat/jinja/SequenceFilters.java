package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Filters of lists and dicts that select nothing by a test. */
final class SequenceFilters {
    private SequenceFilters() { }

    static Value filter(String name, Value value, Arguments arguments) {
        switch (name) {
            case "items" -> {
                return entries(value, arguments);
            }
            case "dictsort" -> {
                return dictsort(value, arguments);
            }
            case "reverse" -> {
                return reverse(value, arguments);
            }
            default -> { }
        }
        List<Value> items = Sequences.items(value, arguments.budget());
        arguments.budget().makeItems(items.size());
        return switch (name) {
            case "list" -> Seq.list(new ArrayList<>(items));
            case "first" -> items.isEmpty() ? new Value.Undefined("there is no first item") : items.get(0);
            case "last" -> items.isEmpty() ? new Value.Undefined("there is no last item") : items.get(items.size() - 1);
            case "join" -> join(items, arguments);
            case "min", "max" -> extreme(items, name.equals("max"), arguments);
            case "sum" -> sum(items, arguments);
            case "sort" -> sort(items, arguments);
            case "unique" -> unique(items, arguments);
            case "groupby" -> groupBy(items, arguments);
            default -> batch(items, arguments);
        };
    }

    private static Value entries(Value value, Arguments arguments) {
        return switch (value) {
            case Value.Dict dict -> Seq.lazy(ContainerMethods.items(dict, arguments.budget()));
            case Value.Undefined undefined -> Seq.lazy(List.of());
            default -> throw new JinjaError("items needs a dict, not a " + value.typeName());
        };
    }

    private static Value reverse(Value value, Arguments arguments) {
        if (value instanceof Value.Str) {
            return Members.slice(value, Value.NONE, Value.NONE, Value.of(-1), arguments.budget());
        }
        List<Value> items = Sequences.items(value, arguments.budget());
        arguments.budget().makeItems(items.size());
        var reversed = new ArrayList<>(items);
        Collections.reverse(reversed);
        return Seq.lazy(reversed);
    }

    private static Value join(List<Value> items, Arguments arguments) {
        Value[] given = arguments.bind("d", "attribute");
        String separator = given[0] == null ? "" : PythonText.string(given[0], arguments.budget());
        var out = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            Value item = given[1] == null ? items.get(i) : Selections.path(items.get(i), given[1], arguments.budget());
            String text = PythonText.string(item, arguments.budget());
            arguments.budget().make((long) text.length() + separator.length());
            out.append(i == 0 ? "" : separator).append(text);
        }
        return Value.of(out.toString());
    }

    /** What to order or group an item by: an attribute of it, strings in lower case unless case counts. */
    private static Value key(Value item, Value attribute, Value caseSensitive, Arguments arguments) {
        Value key = attribute == null || attribute instanceof Value.None ? item : Selections.path(item, attribute, arguments.budget());
        if (key instanceof Value.Str text && !Arguments.flag(caseSensitive, false)) {
            arguments.budget().make(text.text().length());
            return Value.of(text.text().toLowerCase(Locale.ROOT));
        }
        return key;
    }

    private static Value extreme(List<Value> items, boolean largest, Arguments arguments) {
        Value[] given = arguments.bind("case_sensitive", "attribute");
        Value best = null;
        Value bestKey = null;
        for (Value item : items) {
            Value key = key(item, given[1], given[0], arguments);
            int order = best == null ? 0 : Operators.order(key, bestKey, arguments.budget());
            if (best == null || (largest ? order > 0 : order < 0)) {
                best = item;
                bestKey = key;
            }
        }
        return best != null ? best : new Value.Undefined("there is no item");
    }

    private static Value sum(List<Value> items, Arguments arguments) {
        Value[] given = arguments.bind("attribute", "start");
        Value sum = given[1] == null ? Value.of(0) : given[1];
        for (Value item : items) {
            boolean whole = given[0] == null || given[0] instanceof Value.None;
            Value addend = whole ? item : Selections.path(item, given[0], arguments.budget());
            sum = Operators.binary("+", sum, addend, arguments.budget());
        }
        return sum;
    }

    private static Value sort(List<Value> items, Arguments arguments) {
        Value[] given = arguments.bind("reverse", "case_sensitive", "attribute");
        var keyed = new ArrayList<Value[]>(items.size());
        for (Value item : items) {
            keyed.add(new Value[] {key(item, given[2], given[1], arguments), item});
        }
        return Seq.list(sorted(keyed, Arguments.flag(given[0], false), arguments.budget()));
    }

    /** The second of each pair in the order of the first; equal ones keep their order, reversed or not. */
    private static List<Value> sorted(List<Value[]> keyed, boolean reverse, Budget budget) {
        keyed.sort((a, b) -> reverse ? Operators.order(b[0], a[0], budget) : Operators.order(a[0], b[0], budget));
        var sorted = new ArrayList<Value>(keyed.size());
        for (Value[] pair : keyed) {
            sorted.add(pair[1]);
        }
        return sorted;
    }

    private static Value dictsort(Value value, Arguments arguments) {
        Value[] given = arguments.bind("case_sensitive", "by", "reverse");
        if (!(value instanceof Value.Dict dict)) {
            throw new JinjaError("dictsort needs a dict, not a " + Operators.defined(value).typeName());
        }
        String by = arguments.string(given[1], "by", "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw new JinjaError("dictsort: 'by' must be key or value");
        }
        var keyed = new ArrayList<Value[]>();
        for (Value entry : ContainerMethods.items(dict, arguments.budget())) {
            keyed.add(new Value[] {key(((Seq) entry).items().get(by.equals("key") ? 0 : 1), null, given[0], arguments), entry});
        }
        return Seq.list(sorted(keyed, Arguments.flag(given[2], false), arguments.budget()));
    }

    private static Value unique(List<Value> items, Arguments arguments) {
        Value[] given = arguments.bind("case_sensitive", "attribute");
        var seen = new ArrayList<Value>();
        var kept = new ArrayList<Value>();
        for (Value item : items) {
            Value key = key(item, given[1], given[0], arguments);
            if (indexOf(seen, key, arguments.budget()) < 0) {
                seen.add(key);
                kept.add(item);
            }
        }
        return Seq.lazy(kept);
    }

    private static int indexOf(List<Value> values, Value wanted, Budget budget) {
        for (int i = 0; i < values.size(); i++) {
            if (Operators.equal(values.get(i), wanted, budget)) {
                return i;
            }
        }
        return -1;
    }

    /** Tuples of a key, in order, and the items that have it. */
    private static Value groupBy(List<Value> items, Arguments arguments) {
        Value[] given = arguments.bind("attribute", "default", "case_sensitive");
        arguments.required(given[0], "attribute");
        var keyed = new ArrayList<Value[]>();
        for (Value item : items) {
            Value found = Selections.path(item, given[0], arguments.budget());
            Value key = found instanceof Value.Undefined && given[1] != null ? given[1] : found;
            keyed.add(new Value[] {key(key, null, given[2], arguments), Seq.tuple(key, item)});
        }
        var groups = new ArrayList<Value>();
        var lastKey = new Value[1];
        List<Value> group = null;
        for (Value entry : sorted(keyed, false, arguments.budget())) {
            List<Value> pair = ((Seq) entry).items();
            Value key = key(pair.get(0), null, given[2], arguments);
            if (group == null || !Operators.equal(key, lastKey[0], arguments.budget())) {
                group = new ArrayList<>();
                groups.add(Seq.tuple(pair.get(0), Seq.list(group)));
            }
            group.add(pair.get(1));
            lastKey[0] = key;
        }
        return Seq.list(groups);
    }

    private static Value batch(List<Value> items, Arguments arguments) {
        Value[] given = arguments.bind("linecount", "fill_with");
        long size = arguments.integer(arguments.required(given[0], "linecount"), "linecount", 1);
        if (size < 1) {
            throw new JinjaError("batch: 'linecount' must be at least 1");
        }
        var batches = new ArrayList<Value>();
        for (long start = 0; start < items.size(); start += size) {
            var batch = new ArrayList<>(items.subList((int) start, (int) Math.min(items.size(), start + size)));
            if (given[1] != null && !(given[1] instanceof Value.None)) {
                arguments.budget().makeItems(size - batch.size());
                while (batch.size() < size) {
                    batch.add(given[1]);
                }
            }
            batches.add(Seq.list(batch));
        }
        return Seq.lazy(batches);
    }
}
