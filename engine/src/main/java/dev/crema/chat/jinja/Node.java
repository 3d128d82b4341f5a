package dev.crema.chat.jinja;

import java.util.List;

/** A node of a parsed template; {@code at} is its offset in the source. */
sealed interface Node {
    int at();

    /** What produces output or changes a scope. */
    sealed interface Statement extends Node { }

    record Text(int at, String text) implements Statement { }

    record Output(int at, Expression expression) implements Statement { }

    /** {@code if}, {@code elif}... with the body of {@code else}, which may be empty. */
    record If(int at, List<Branch> branches, List<Statement> otherwise) implements Statement { }

    record Branch(Expression condition, List<Statement> body) { }

    /** {@code filter} may be null; {@code otherwise} runs when there was no item. */
    record For(int at, Target target, Expression iterable, Expression filter, List<Statement> body, List<Statement> otherwise,
            boolean recursive) implements Statement { }

    record Set(int at, Target target, Expression value) implements Statement { }

    /** {@code set} with a body instead of a value. */
    record SetBlock(int at, Target target, List<FilterCall> filters, List<Statement> body) implements Statement { }

    record Macro(int at, String name, List<Parameter> parameters, List<Statement> body) implements Statement { }

    /** Calls a macro, which finds the body as {@code caller}. */
    record CallBlock(int at, List<Parameter> parameters, Call call, List<Statement> body) implements Statement { }

    record FilterBlock(int at, List<FilterCall> filters, List<Statement> body) implements Statement { }

    /** {@code with} and {@code generation}: a scope of its own. */
    record Block(int at, List<Set> assignments, List<Statement> body) implements Statement { }

    record Break(int at) implements Statement { }

    record Continue(int at) implements Statement { }

    /** A macro's parameter; {@code otherwise} may be null. */
    record Parameter(String name, Expression otherwise) { }

    /** What is assigned to: one name, several (a tuple is taken apart), or an attribute of a namespace. */
    record Target(List<String> names, boolean tuple, String attribute) { }

    /** A filter without its input. */
    record FilterCall(int at, String name, List<Argument> arguments) { }

    /** What has a value. */
    sealed interface Expression extends Node { }

    record Literal(int at, Value value) implements Expression { }

    record Name(int at, String name) implements Expression { }

    record Sequence(int at, List<Expression> items, boolean tuple) implements Expression { }

    record Mapping(int at, List<Expression> keys, List<Expression> values) implements Expression { }

    record Attribute(int at, Expression object, String name) implements Expression { }

    record Item(int at, Expression object, Expression key) implements Expression { }

    /** {@code object[start:stop:step]}; each bound may be null. */
    record Slice(int at, Expression object, Expression start, Expression stop, Expression step) implements Expression { }

    record Call(int at, Expression callee, List<Argument> arguments) implements Expression { }

    record Filter(int at, Expression input, FilterCall filter) implements Expression { }

    record Test(int at, Expression input, String name, List<Argument> arguments, boolean negated) implements Expression { }

    record Unary(int at, String operator, Expression operand) implements Expression { }

    /** Arithmetic, {@code ~}, and the lazy {@code and}, {@code or}. */
    record Binary(int at, String operator, Expression left, Expression right) implements Expression { }

    /** A chain {@code a < b <= c}: {@code operators[i]} stands before {@code operands[i]}. */
    record Compare(int at, Expression first, List<String> operators, List<Expression> operands) implements Expression { }

    /** {@code then if condition else otherwise}; {@code otherwise} may be null. */
    record Conditional(int at, Expression condition, Expression then, Expression otherwise) implements Expression { }

    /** An argument of a call: positional, named, or spread ({@code *list}, {@code **dict}). */
    record Argument(String name, Spread spread, Expression value) {
        enum Spread { NONE, LIST, DICT }
    }
}
