package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Node.Statement;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the statements of one template, once. */
final class Interpreter {
    /** How a body ended: at its end, or by a statement that concerns the loop around it. */
    private enum Flow { NEXT, BREAK, CONTINUE }

    private final Budget budget = new Budget();
    private final Evaluator evaluator = new Evaluator(budget);

    private Interpreter() { }

    /** Renders {@code template} with {@code variables}; throws {@link JinjaError}. */
    static String render(List<Statement> template, Map<String, Value> variables, Globals globals) {
        var interpreter = new Interpreter();
        var scope = new Scope(globals.scope());
        variables.forEach(scope::set);
        var out = new StringBuilder();
        interpreter.run(template, new Scope(scope), out);
        return out.toString();
    }

    private Flow run(List<Statement> body, Scope scope, StringBuilder out) {
        for (Statement statement : body) {
            budget.enter();
            try {
                Flow flow = run(statement, scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            } catch (JinjaError error) {
                throw error.at(statement.at());
            } finally {
                budget.leave();
            }
        }
        return Flow.NEXT;
    }

    private Flow run(Statement statement, Scope scope, StringBuilder out) {
        switch (statement) {
            case Node.Text text -> print(text.text(), out);
            case Node.Output output -> print(PythonText.string(evaluator.evaluate(output.expression(), scope), budget), out);
            case Node.If branches -> {
                return run(chosen(branches, scope), scope, out);
            }
            case Node.For loop -> {
                return new ForLoop(loop, scope, 0).run(evaluator.evaluate(loop.iterable(), scope), out);
            }
            case Node.Set set -> assign(set.target(), evaluator.evaluate(set.value(), scope), scope);
            case Node.SetBlock set -> {
                Value text = Value.of(captured(set.body(), new Scope(scope)));
                assign(set.target(), evaluator.filters(text, set.filters(), scope), scope);
            }
            case Node.Macro macro -> scope.set(macro.name(), macro(macro.name(), macro.parameters(), macro.body(), scope));
            case Node.CallBlock call -> callBlock(call, scope, out);
            case Node.FilterBlock filter -> {
                Value text = Value.of(captured(filter.body(), new Scope(scope)));
                print(PythonText.string(evaluator.filters(text, filter.filters(), scope), budget), out);
            }
            case Node.Block block -> {
                return block(block, scope, out);
            }
            case Node.Break b -> {
                return Flow.BREAK;
            }
            case Node.Continue c -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.NEXT;
    }

    private void print(String text, StringBuilder out) {
        budget.make(text.length());
        out.append(text);
    }

    private String captured(List<Statement> body, Scope scope) {
        var out = new StringBuilder();
        run(body, scope, out);
        return out.toString();
    }

    private List<Statement> chosen(Node.If node, Scope scope) {
        for (Node.Branch branch : node.branches()) {
            if (Operators.truth(evaluator.evaluate(branch.condition(), scope))) {
                return branch.body();
            }
        }
        return node.otherwise();
    }

    private Flow block(Node.Block block, Scope scope, StringBuilder out) {
        var inner = new Scope(scope);
        for (Node.Set assignment : block.assignments()) {
            inner.set(assignment.target().names().get(0), evaluator.evaluate(assignment.value(), scope));
        }
        return run(block.body(), inner, out);
    }

    private void assign(Node.Target target, Value value, Scope scope) {
        String name = target.names().get(0);
        if (target.attribute() != null) {
            if (!(scope.get(name) instanceof Value.Namespace namespace)) {
                throw new JinjaError("'" + name + "' is no namespace: only attributes of namespaces can be set");
            }
            namespace.attributes().put(target.attribute(), value);
        } else if (target.tuple()) {
            unpack(target.names(), value, scope);
        } else {
            scope.set(name, value);
        }
    }

    private void unpack(List<String> names, Value value, Scope scope) {
        List<Value> items = Sequences.items(Operators.defined(value), budget);
        if (items.size() != names.size()) {
            throw new JinjaError("expected " + names.size() + " values to unpack, found " + items.size());
        }
        for (int i = 0; i < items.size(); i++) {
            scope.set(names.get(i), items.get(i));
        }
    }

    private Value.Function macro(String name, List<Node.Parameter> parameters, List<Statement> body, Scope definition) {
        return new Value.Function(name, arguments -> {
            var scope = new Scope(definition);
            bind(name, parameters, arguments, scope);
            return Value.of(captured(body, scope));
        });
    }

    /** Sets parameters, and {@code varargs}, {@code kwargs} and {@code caller} from what is left. */
    private void bind(String name, List<Node.Parameter> parameters, Arguments arguments, Scope scope) {
        List<Value> positional = arguments.positional();
        var named = new LinkedHashMap<>(arguments.named());
        for (int i = 0; i < parameters.size(); i++) {
            Node.Parameter parameter = parameters.get(i);
            Value passed = i < positional.size() ? positional.get(i) : named.remove(parameter.name());
            if (passed == null) {
                passed = parameter.otherwise() != null ? evaluator.evaluate(parameter.otherwise(), scope)
                    : new Value.Undefined("the parameter '" + parameter.name() + "' of '" + name + "' was not passed");
            }
            scope.set(parameter.name(), passed);
        }
        Value caller = named.remove("caller");
        scope.set("caller", caller != null ? caller : new Value.Undefined("'" + name + "' was not called by a call block"));
        int taken = Math.min(parameters.size(), positional.size());
        scope.set("varargs", new Value.Seq(positional.subList(taken, positional.size()), Value.Seq.Kind.TUPLE));
        var rest = new LinkedHashMap<Value, Value>();
        named.forEach((key, value) -> rest.put(Value.of(key), value));
        scope.set("kwargs", new Value.Dict(rest));
    }

    private void callBlock(Node.CallBlock node, Scope scope, StringBuilder out) {
        Value.Function function = Evaluator.function(evaluator.evaluate(node.call().callee(), scope));
        Arguments given = evaluator.arguments(function.name(), node.call().arguments(), scope);
        var named = new LinkedHashMap<>(given.named());
        named.put("caller", macro("caller", node.parameters(), node.body(), scope));
        Value result = function.body().call(new Arguments(function.name(), given.positional(), named, evaluator));
        print(PythonText.string(result, budget), out);
    }

    /** One for statement; a recursive one makes another of itself at each {@code loop(...)}. */
    private final class ForLoop {
        private final Node.For node;
        private final Scope around;
        private final int depth;

        ForLoop(Node.For node, Scope around, int depth) {
            this.node = node;
            this.around = around;
            this.depth = depth;
        }

        /** The result is that of the else body, whose break means the next loop out. */
        Flow run(Value iterable, StringBuilder out) {
            List<Value> items = filtered(Sequences.items(iterable, budget));
            Value.Function recursion = node.recursive() ? new Value.Function("loop", this::recurse) : null;
            var state = new LoopState(items, depth, recursion);
            for (int i = 0; i < items.size(); i++) {
                state.moveTo(i);
                var scope = new Scope(around);
                scope.set("loop", new Value.Loop(state));
                assign(node.target(), items.get(i), scope);
                if (Interpreter.this.run(node.body(), scope, out) == Flow.BREAK) {
                    break;
                }
            }
            return items.isEmpty() ? Interpreter.this.run(node.otherwise(), new Scope(around), out) : Flow.NEXT;
        }

        private Value recurse(Arguments arguments) {
            var out = new StringBuilder();
            new ForLoop(node, around, depth + 1).run(arguments.only("iterable"), out);
            return Value.of(out.toString());
        }

        private List<Value> filtered(List<Value> items) {
            if (node.filter() == null) {
                return items;
            }
            var kept = new ArrayList<Value>();
            for (Value item : items) {
                var scope = new Scope(around);
                assign(node.target(), item, scope);
                if (Operators.truth(evaluator.evaluate(node.filter(), scope))) {
                    kept.add(item);
                }
            }
            return kept;
        }
    }
}
