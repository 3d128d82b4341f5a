package dev.crema.chat.jinja;

import java.util.List;

/** Where a for loop is. */
final class LoopState {
    private final List<Value> items;
    private final int depth;
    /** What {@code loop(...)} calls in a recursive loop, else null. */
    private final Value.Function recursion;
    private int index;
    private Value lastChanged;

    LoopState(List<Value> items, int depth, Value.Function recursion) {
        this.items = items;
        this.depth = depth;
        this.recursion = recursion;
    }

    void moveTo(int newIndex) {
        index = newIndex;
    }

    Value.Function recursion() {
        if (recursion == null) {
            throw new JinjaError("loop() needs a loop that says 'recursive'");
        }
        return recursion;
    }

    /** An attribute of {@code loop}, or null. */
    Value attribute(String name) {
        return switch (name) {
            case "index" -> Value.of(index + 1);
            case "index0" -> Value.of(index);
            case "revindex" -> Value.of(items.size() - index);
            case "revindex0" -> Value.of(items.size() - index - 1);
            case "first" -> Value.of(index == 0);
            case "last" -> Value.of(index == items.size() - 1);
            case "length" -> Value.of(items.size());
            case "depth" -> Value.of(depth + 1);
            case "depth0" -> Value.of(depth);
            case "previtem" -> index > 0 ? items.get(index - 1) : new Value.Undefined("there is no previous item");
            case "nextitem" -> index + 1 < items.size() ? items.get(index + 1) : new Value.Undefined("there is no next item");
            case "cycle" -> new Value.Function("cycle", this::cycle);
            case "changed" -> new Value.Function("changed", this::changed);
            default -> null;
        };
    }

    private Value cycle(Arguments arguments) {
        List<Value> values = arguments.positional();
        if (values.isEmpty()) {
            throw new JinjaError("no items for cycling given");
        }
        return values.get(index % values.size());
    }

    private Value changed(Arguments arguments) {
        Value now = new Value.Seq(arguments.positional(), Value.Seq.Kind.TUPLE);
        boolean changed = lastChanged == null || !Operators.equal(lastChanged, now, arguments.budget());
        lastChanged = now;
        return Value.of(changed);
    }
}
