package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Node.Argument;
import dev.crema.chat.jinja.Node.Expression;
import dev.crema.chat.jinja.Token.Kind;

import java.util.ArrayList;
import java.util.List;

/** Parses expressions, one method a level of precedence, lowest first, as jinja2 has them. */
final class ExpressionParser {
    private final TokenStream tokens;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** An expression, or several with commas between them: a tuple without its brackets. */
    Expression tuple() {
        return tupleOf(true);
    }

    /** The same without an inline {@code if}, which is the loop's filter in {@code for x in xs if x}. */
    Expression tupleWithoutCondition() {
        return tupleOf(false);
    }

    private Expression tupleOf(boolean conditions) {
        int at = tokens.peek().at();
        Expression first = conditions ? expression() : or();
        if (!tokens.peek().is(Kind.OPERATOR, ",")) {
            return first;
        }
        var items = new ArrayList<Expression>();
        items.add(first);
        while (tokens.skip(Kind.OPERATOR, ",")) {
            if (endsTuple(tokens.peek())) {
                break;
            }
            items.add(conditions ? expression() : or());
        }
        return new Node.Sequence(at, items, true);
    }

    private static boolean endsTuple(Token token) {
        return token.kind() == Kind.CLOSE_BLOCK || token.kind() == Kind.CLOSE_OUTPUT || token.is(Kind.OPERATOR, ")")
            || token.is(Kind.NAME, "if");
    }

    Expression expression() {
        tokens.enter();
        Expression value = or();
        while (tokens.peek().is(Kind.NAME, "if")) {
            int at = tokens.next().at();
            Expression condition = or();
            Expression otherwise = tokens.skip(Kind.NAME, "else") ? expression() : null;
            value = new Node.Conditional(at, condition, value, otherwise);
        }
        tokens.leave();
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.peek().is(Kind.NAME, "or")) {
            int at = tokens.next().at();
            left = new Node.Binary(at, "or", left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.peek().is(Kind.NAME, "and")) {
            int at = tokens.next().at();
            left = new Node.Binary(at, "and", left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.peek().is(Kind.NAME, "not")) {
            return compare();
        }
        tokens.enter();
        Expression negated = new Node.Unary(tokens.next().at(), "not", not());
        tokens.leave();
        return negated;
    }

    private Expression compare() {
        int at = tokens.peek().at();
        Expression first = sum();
        List<String> operators = null;
        List<Expression> operands = null;
        for (String operator = comparison(); operator != null; operator = comparison()) {
            if (operators == null) {
                operators = new ArrayList<>();
                operands = new ArrayList<>();
            }
            operators.add(operator);
            operands.add(sum());
        }
        return operators == null ? first : new Node.Compare(at, first, operators, operands);
    }

    /** Reads an operator of comparison, or nothing and returns null. */
    private String comparison() {
        Token token = tokens.peek();
        if (token.kind() == Kind.OPERATOR) {
            return switch (token.text()) {
                case "==", "!=", "<", "<=", ">", ">=" -> tokens.next().text();
                default -> null;
            };
        }
        if (token.is(Kind.NAME, "not") && tokens.peekSecond().is(Kind.NAME, "in")) {
            tokens.next();
            tokens.next();
            return "not in";
        }
        return tokens.skip(Kind.NAME, "in") ? "in" : null;
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.peek().is(Kind.OPERATOR, "+") || tokens.peek().is(Kind.OPERATOR, "-")) {
            Token operator = tokens.next();
            left = new Node.Binary(operator.at(), operator.text(), left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (tokens.peek().is(Kind.OPERATOR, "~")) {
            int at = tokens.next().at();
            left = new Node.Binary(at, "~", left, product());
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (isProduct(tokens.peek())) {
            Token operator = tokens.next();
            left = new Node.Binary(operator.at(), operator.text(), left, power());
        }
        return left;
    }

    private static boolean isProduct(Token token) {
        return token.kind() == Kind.OPERATOR && switch (token.text()) {
            case "*", "/", "//", "%" -> true;
            default -> false;
        };
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.peek().is(Kind.OPERATOR, "**")) {
            int at = tokens.next().at();
            left = new Node.Binary(at, "**", left, unary(true));
        }
        return left;
    }

    /** A signed value and what follows it; the filters of {@code -x|abs} belong to {@code -x}. */
    private Expression unary(boolean withFilters) {
        Token token = tokens.peek();
        Expression value;
        if (token.is(Kind.OPERATOR, "-") || token.is(Kind.OPERATOR, "+")) {
            tokens.enter();
            tokens.next();
            value = new Node.Unary(token.at(), token.text(), unary(false));
            tokens.leave();
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilters ? filters(value) : value;
    }

    private Expression primary() {
        Token token = tokens.next();
        int at = token.at();
        return switch (token.kind()) {
            case NAME -> switch (token.text()) {
                case "true", "True" -> new Node.Literal(at, Value.TRUE);
                case "false", "False" -> new Node.Literal(at, Value.FALSE);
                case "none", "None" -> new Node.Literal(at, Value.NONE);
                default -> new Node.Name(at, token.text());
            };
            case STRING -> strings(token);
            case INTEGER -> new Node.Literal(at, integer(token));
            case FLOAT -> new Node.Literal(at, new Value.Float(Double.parseDouble(token.text())));
            case OPERATOR -> switch (token.text()) {
                case "(" -> bracket(at);
                case "[" -> list(at);
                case "{" -> mapping(at);
                default -> throw unexpected(token);
            };
            default -> throw unexpected(token);
        };
    }

    private static JinjaError unexpected(Token token) {
        return new JinjaError("expected an expression, found " + token.describe()).at(token.at());
    }

    /** Strings that stand side by side are one, as in Python. */
    private Expression strings(Token first) {
        if (tokens.peek().kind() != Kind.STRING) {
            return new Node.Literal(first.at(), new Value.Str(first.text()));
        }
        var text = new StringBuilder(first.text());
        while (tokens.peek().kind() == Kind.STRING) {
            text.append(tokens.next().text());
        }
        return new Node.Literal(first.at(), new Value.Str(text.toString()));
    }

    private static Value integer(Token token) {
        if (token.text().length() > 18) {
            throw new JinjaError("the number " + token.text() + " is too large").at(token.at());
        }
        return new Value.Int(Long.parseLong(token.text()));
    }

    private Expression bracket(int at) {
        if (tokens.skip(Kind.OPERATOR, ")")) {
            return new Node.Sequence(at, List.of(), true);
        }
        Expression value = tuple();
        tokens.expect(Kind.OPERATOR, ")");
        return value;
    }

    private Expression list(int at) {
        var items = new ArrayList<Expression>();
        while (!tokens.skip(Kind.OPERATOR, "]")) {
            if (!items.isEmpty()) {
                tokens.expect(Kind.OPERATOR, ",");
                if (tokens.skip(Kind.OPERATOR, "]")) {
                    break;
                }
            }
            items.add(expression());
        }
        return new Node.Sequence(at, items, false);
    }

    private Expression mapping(int at) {
        var keys = new ArrayList<Expression>();
        var values = new ArrayList<Expression>();
        while (!tokens.skip(Kind.OPERATOR, "}")) {
            if (!keys.isEmpty()) {
                tokens.expect(Kind.OPERATOR, ",");
                if (tokens.skip(Kind.OPERATOR, "}")) {
                    break;
                }
            }
            keys.add(expression());
            tokens.expect(Kind.OPERATOR, ":");
            values.add(expression());
        }
        return new Node.Mapping(at, keys, values);
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (tokens.peek().kind() == Kind.OPERATOR) {
            int at = tokens.peek().at();
            if (tokens.skip(Kind.OPERATOR, ".")) {
                value = member(at, value);
            } else if (tokens.skip(Kind.OPERATOR, "[")) {
                value = subscript(at, value);
            } else if (tokens.skip(Kind.OPERATOR, "(")) {
                value = new Node.Call(at, value, arguments());
            } else {
                break;
            }
        }
        return value;
    }

    private Expression member(int at, Expression object) {
        Token token = tokens.next();
        return switch (token.kind()) {
            case NAME -> new Node.Attribute(at, object, token.text());
            case INTEGER -> new Node.Item(at, object, new Node.Literal(at, integer(token)));
            default -> throw new JinjaError("expected a name after '.', found " + token.describe()).at(token.at());
        };
    }

    private Expression subscript(int at, Expression object) {
        Expression start = tokens.peek().is(Kind.OPERATOR, ":") ? null : tuple();
        if (!tokens.skip(Kind.OPERATOR, ":")) {
            tokens.expect(Kind.OPERATOR, "]");
            return new Node.Item(at, object, start);
        }
        Expression stop = bound();
        Expression step = tokens.skip(Kind.OPERATOR, ":") ? bound() : null;
        tokens.expect(Kind.OPERATOR, "]");
        return new Node.Slice(at, object, start, stop, step);
    }

    private Expression bound() {
        Token token = tokens.peek();
        return token.is(Kind.OPERATOR, ":") || token.is(Kind.OPERATOR, "]") ? null : expression();
    }

    /** The arguments of a call up to and with {@code )}. */
    private List<Argument> arguments() {
        var arguments = new ArrayList<Argument>();
        while (!tokens.skip(Kind.OPERATOR, ")")) {
            if (!arguments.isEmpty()) {
                tokens.expect(Kind.OPERATOR, ",");
                if (tokens.skip(Kind.OPERATOR, ")")) {
                    break;
                }
            }
            arguments.add(argument());
        }
        return arguments;
    }

    private Argument argument() {
        if (tokens.skip(Kind.OPERATOR, "**")) {
            return new Argument(null, Argument.Spread.DICT, expression());
        }
        if (tokens.skip(Kind.OPERATOR, "*")) {
            return new Argument(null, Argument.Spread.LIST, expression());
        }
        String name = null;
        if (tokens.peek().kind() == Kind.NAME && tokens.peekSecond().is(Kind.OPERATOR, "=")) {
            name = tokens.name();
            tokens.next();
        }
        return new Argument(name, Argument.Spread.NONE, expression());
    }

    private Expression filters(Expression start) {
        Expression value = start;
        while (true) {
            Token token = tokens.peek();
            if (tokens.skip(Kind.OPERATOR, "|")) {
                value = new Node.Filter(token.at(), value, filterCall());
            } else if (tokens.skip(Kind.NAME, "is")) {
                value = test(token.at(), value);
            } else if (tokens.skip(Kind.OPERATOR, "(")) {
                value = new Node.Call(token.at(), value, arguments());
            } else {
                return value;
            }
        }
    }

    /** Filters with {@code |} between them; the first {@code |} is read already. */
    List<Node.FilterCall> filterChain() {
        var filters = new ArrayList<Node.FilterCall>();
        do {
            filters.add(filterCall());
        } while (tokens.skip(Kind.OPERATOR, "|"));
        return filters;
    }

    private Node.FilterCall filterCall() {
        int at = tokens.peek().at();
        String name = tokens.name();
        return new Node.FilterCall(at, name, tokens.skip(Kind.OPERATOR, "(") ? arguments() : List.of());
    }

    private Expression test(int at, Expression value) {
        boolean negated = tokens.skip(Kind.NAME, "not");
        String name = tokens.name();
        List<Argument> arguments = List.of();
        Token token = tokens.peek();
        if (tokens.skip(Kind.OPERATOR, "(")) {
            arguments = arguments();
        } else if (startsTestArgument(token)) {
            tokens.enter();
            arguments = List.of(new Argument(null, Argument.Spread.NONE, postfix(primary())));
            tokens.leave();
        }
        return new Node.Test(at, value, name, arguments, negated);
    }

    /** {@code x is divisibleby 3} takes one argument without brackets. */
    private static boolean startsTestArgument(Token token) {
        return switch (token.kind()) {
            case STRING, INTEGER, FLOAT -> true;
            case NAME -> switch (token.text()) {
                case "else", "or", "and", "is", "if", "in", "not", "recursive" -> false;
                default -> true;
            };
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            default -> false;
        };
    }
}
