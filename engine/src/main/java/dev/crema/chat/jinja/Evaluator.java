package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Node.Argument;
import dev.crema.chat.jinja.Node.Expression;
import dev.crema.chat.jinja.Value.Seq;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Evaluates expressions. Every error leaves with the place of the innermost node around it. */
final class Evaluator {
    private final Budget budget;

    Evaluator(Budget budget) {
        this.budget = budget;
    }

    Budget budget() {
        return budget;
    }

    Value evaluate(Expression node, Scope scope) {
        budget.enter();
        try {
            return value(node, scope);
        } catch (JinjaError error) {
            throw error.at(node.at());
        } finally {
            budget.leave();
        }
    }

    private Value value(Expression node, Scope scope) {
        return switch (node) {
            case Node.Literal literal -> literal.value();
            case Node.Name name -> name(name.name(), scope);
            case Node.Sequence sequence -> sequence(sequence, scope);
            case Node.Mapping mapping -> mapping(mapping, scope);
            case Node.Attribute attribute -> Members.attribute(evaluate(attribute.object(), scope), attribute.name());
            case Node.Item item -> Members.item(evaluate(item.object(), scope), evaluate(item.key(), scope), budget);
            case Node.Slice slice -> slice(slice, scope);
            case Node.Call call -> call(evaluate(call.callee(), scope), call.arguments(), scope);
            case Node.Filter filter -> filter(evaluate(filter.input(), scope), filter.filter(), scope);
            case Node.Test test -> test(test, scope);
            case Node.Unary unary -> unary(unary, scope);
            case Node.Binary binary -> binary(binary, scope);
            case Node.Compare compare -> compare(compare, scope);
            case Node.Conditional conditional -> conditional(conditional, scope);
        };
    }

    private static Value name(String name, Scope scope) {
        Value value = scope.get(name);
        return value != null ? value : new Value.Undefined("'" + name + "' is undefined");
    }

    private Value sequence(Node.Sequence node, Scope scope) {
        var items = new ArrayList<Value>(node.items().size());
        for (Expression item : node.items()) {
            items.add(evaluate(item, scope));
        }
        budget.makeItems(items.size());
        return new Seq(items, node.tuple() ? Seq.Kind.TUPLE : Seq.Kind.LIST);
    }

    private Value mapping(Node.Mapping node, Scope scope) {
        var entries = new LinkedHashMap<Value, Value>();
        for (int i = 0; i < node.keys().size(); i++) {
            Value key = evaluate(node.keys().get(i), scope);
            if (!Operators.isKey(key)) {
                throw new JinjaError("a " + Operators.defined(key).typeName() + " can't be a key");
            }
            entries.put(key, evaluate(node.values().get(i), scope));
        }
        budget.makeItems(2L * entries.size());
        return new Value.Dict(entries);
    }

    private Value slice(Node.Slice node, Scope scope) {
        Value object = evaluate(node.object(), scope);
        Value start = bound(node.start(), scope);
        Value stop = bound(node.stop(), scope);
        return Members.slice(object, start, stop, bound(node.step(), scope), budget);
    }

    private Value bound(Expression node, Scope scope) {
        return node == null ? Value.NONE : evaluate(node, scope);
    }

    private Value conditional(Node.Conditional node, Scope scope) {
        if (Operators.truth(evaluate(node.condition(), scope))) {
            return evaluate(node.then(), scope);
        }
        return node.otherwise() != null ? evaluate(node.otherwise(), scope)
            : new Value.Undefined("the inline if has no else, and its condition is false");
    }

    private Value unary(Node.Unary node, Scope scope) {
        Value operand = evaluate(node.operand(), scope);
        if (node.operator().equals("not")) {
            return Value.of(!Operators.truth(operand));
        }
        if (!Operators.isNumber(Operators.defined(operand))) {
            throw new JinjaError("can't apply '" + node.operator() + "' to " + operand.typeName());
        }
        return node.operator().equals("-") ? Arithmetic.negate(operand) : operand;
    }

    private Value binary(Node.Binary node, Scope scope) {
        Value left = evaluate(node.left(), scope);
        switch (node.operator()) {
            case "and" -> {
                return Operators.truth(left) ? evaluate(node.right(), scope) : left;
            }
            case "or" -> {
                return Operators.truth(left) ? left : evaluate(node.right(), scope);
            }
            case "~" -> {
                String a = PythonText.string(left, budget);
                String b = PythonText.string(evaluate(node.right(), scope), budget);
                budget.make((long) a.length() + b.length());
                return Value.of(a + b);
            }
            default -> {
                return Operators.binary(node.operator(), left, evaluate(node.right(), scope), budget);
            }
        }
    }

    private Value compare(Node.Compare node, Scope scope) {
        Value left = evaluate(node.first(), scope);
        for (int i = 0; i < node.operators().size(); i++) {
            Value right = evaluate(node.operands().get(i), scope);
            if (!Operators.compare(node.operators().get(i), left, right, budget)) {
                return Value.FALSE;
            }
            left = right;
        }
        return Value.TRUE;
    }

    private Value test(Node.Test node, Scope scope) {
        Value input = evaluate(node.input(), scope);
        boolean result = Tests.test(node.name(), input, arguments(node.name(), node.arguments(), scope));
        return Value.of(result != node.negated());
    }

    Value filter(Value input, Node.FilterCall filter, Scope scope) {
        try {
            return Filters.filter(filter.name(), input, arguments(filter.name(), filter.arguments(), scope));
        } catch (JinjaError error) {
            throw error.at(filter.at());
        }
    }

    Value filters(Value input, List<Node.FilterCall> filters, Scope scope) {
        Value value = input;
        for (Node.FilterCall filter : filters) {
            value = filter(value, filter, scope);
        }
        return value;
    }

    private Value call(Value callee, List<Argument> given, Scope scope) {
        Value.Function function = function(callee);
        return function.body().call(arguments(function.name(), given, scope));
    }

    static Value.Function function(Value callee) {
        return switch (Operators.defined(callee)) {
            case Value.Function function -> function;
            case Value.Loop loop -> loop.state().recursion();
            default -> throw new JinjaError("a " + callee.typeName() + " can't be called");
        };
    }

    Arguments arguments(String callee, List<Argument> given, Scope scope) {
        if (given.isEmpty()) {
            return new Arguments(callee, List.of(), Map.of(), this);
        }
        var positional = new ArrayList<Value>(given.size());
        var named = new LinkedHashMap<String, Value>();
        for (Argument argument : given) {
            Value value = evaluate(argument.value(), scope);
            switch (argument.spread()) {
                case NONE -> {
                    if (argument.name() == null) {
                        positional.add(value);
                    } else if (named.put(argument.name(), value) != null) {
                        throw new JinjaError(callee + "() was given '" + argument.name() + "' twice");
                    }
                }
                case LIST -> positional.addAll(Sequences.items(value, budget));
                case DICT -> spread(callee, value, named);
            }
        }
        return new Arguments(callee, positional, named, this);
    }

    private static void spread(String callee, Value value, Map<String, Value> named) {
        if (!(Operators.defined(value) instanceof Value.Dict dict)) {
            throw new JinjaError(callee + "(): '**' needs a dict, not " + value.typeName());
        }
        for (Map.Entry<Value, Value> entry : dict.entries().entrySet()) {
            if (!(entry.getKey() instanceof Value.Str key)) {
                throw new JinjaError(callee + "(): names of arguments must be str, not " + entry.getKey().typeName());
            }
            named.put(key.text(), entry.getValue());
        }
    }
}
