package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Node.Expression;
import dev.crema.chat.jinja.Node.Statement;
import dev.crema.chat.jinja.Token.Kind;

import java.util.ArrayList;
import java.util.List;

/** Parses the statements of a template; {@link ExpressionParser} what stands inside of them. */
final class Parser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private int loops;

    private Parser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String source) {
        var tokens = new TokenStream(Lexer.tokens(source));
        List<Statement> body = new Parser(tokens).body();
        Token rest = tokens.next();
        if (rest.kind() != Kind.END) {
            throw new JinjaError("'" + rest.text() + "' without its beginning").at(rest.at());
        }
        return body;
    }

    /** Statements up to one of the words (left as the current token, its {@code {%} read) or the end of the template. */
    private List<Statement> body(String... ends) {
        tokens.enter();
        var statements = new ArrayList<Statement>();
        while (true) {
            Token token = tokens.peek();
            switch (token.kind()) {
                case TEXT -> statements.add(new Node.Text(token.at(), tokens.next().text()));
                case OPEN_OUTPUT -> {
                    tokens.next();
                    statements.add(new Node.Output(token.at(), expressions.tuple()));
                    tokens.expect(Kind.CLOSE_OUTPUT, "}}");
                }
                case OPEN_BLOCK -> {
                    tokens.next();
                    Token word = tokens.peek();
                    if (word.kind() != Kind.NAME) {
                        throw new JinjaError("expected a statement, found " + word.describe()).at(word.at());
                    }
                    if (isOneOf(word.text(), ends) || word.text().startsWith("end") || isOneOf(word.text(), "else", "elif")) {
                        requireEnd(word, ends);
                        tokens.leave();
                        return statements;
                    }
                    statements.add(statement(tokens.next()));
                }
                default -> {
                    requireEnd(token, ends);
                    tokens.leave();
                    return statements;
                }
            }
        }
    }

    private void requireEnd(Token found, String[] ends) {
        if (ends.length > 0 && (found.kind() != Kind.NAME || !isOneOf(found.text(), ends))) {
            throw new JinjaError("expected '" + ends[ends.length - 1] + "', found " + found.describe()).at(found.at());
        }
    }

    private static boolean isOneOf(String word, String... words) {
        for (String candidate : words) {
            if (word.equals(candidate)) {
                return true;
            }
        }
        return false;
    }

    private Statement statement(Token word) {
        return switch (word.text()) {
            case "if" -> ifStatement(word.at());
            case "for" -> forStatement(word.at());
            case "set" -> setStatement(word.at());
            case "macro" -> macro(word.at());
            case "call" -> callBlock(word.at());
            case "filter" -> {
                List<Node.FilterCall> filters = expressions.filterChain();
                yield new Node.FilterBlock(word.at(), filters, blockBody("endfilter"));
            }
            case "with" -> with(word.at());
            case "generation" -> new Node.Block(word.at(), List.of(), blockBody("endgeneration"));
            case "break" -> {
                requireLoop(word);
                closeBlock();
                yield new Node.Break(word.at());
            }
            case "continue" -> {
                requireLoop(word);
                closeBlock();
                yield new Node.Continue(word.at());
            }
            default -> throw new JinjaError("unknown statement '" + word.text() + "'").at(word.at());
        };
    }

    private void requireLoop(Token word) {
        if (loops == 0) {
            throw new JinjaError("'" + word.text() + "' outside of a loop").at(word.at());
        }
    }

    private void closeBlock() {
        tokens.expect(Kind.CLOSE_BLOCK, "%}");
    }

    /** The rest of an opening tag, its body, and the closing tag {@code end}. */
    private List<Statement> blockBody(String end) {
        closeBlock();
        List<Statement> body = body(end);
        tokens.next();
        closeBlock();
        return body;
    }

    private Statement ifStatement(int at) {
        var branches = new ArrayList<Node.Branch>();
        List<Statement> otherwise = List.of();
        Expression condition = expressions.tuple();
        while (true) {
            closeBlock();
            branches.add(new Node.Branch(condition, body("elif", "else", "endif")));
            String word = tokens.next().text();
            if (word.equals("elif")) {
                condition = expressions.tuple();
                continue;
            }
            if (word.equals("else")) {
                closeBlock();
                otherwise = body("endif");
                tokens.next();
            }
            closeBlock();
            return new Node.If(at, branches, otherwise);
        }
    }

    private Statement forStatement(int at) {
        Node.Target target = targetNames();
        tokens.expect(Kind.NAME, "in");
        Expression iterable = expressions.tupleWithoutCondition();
        Expression filter = tokens.skip(Kind.NAME, "if") ? expressions.expression() : null;
        boolean recursive = tokens.skip(Kind.NAME, "recursive");
        closeBlock();
        loops++;
        List<Statement> body = body("else", "endfor");
        loops--;
        List<Statement> otherwise = List.of();
        if (tokens.next().text().equals("else")) {
            closeBlock();
            otherwise = body("endfor");
            tokens.next();
        }
        closeBlock();
        return new Node.For(at, target, iterable, filter, body, otherwise, recursive);
    }

    private Node.Target targetNames() {
        boolean bracket = tokens.skip(Kind.OPERATOR, "(");
        var names = new ArrayList<String>();
        names.add(tokens.name());
        boolean tuple = false;
        while (tokens.skip(Kind.OPERATOR, ",")) {
            tuple = true;
            if (tokens.peek().kind() == Kind.NAME && !tokens.peek().text().equals("in")) {
                names.add(tokens.name());
            }
        }
        if (bracket) {
            tokens.expect(Kind.OPERATOR, ")");
        }
        return new Node.Target(names, tuple, null);
    }

    private Statement setStatement(int at) {
        Node.Target target = targetNames();
        if (!target.tuple() && tokens.skip(Kind.OPERATOR, ".")) {
            target = new Node.Target(target.names(), false, tokens.name());
        }
        if (tokens.skip(Kind.OPERATOR, "=")) {
            Expression value = expressions.tuple();
            closeBlock();
            return new Node.Set(at, target, value);
        }
        List<Node.FilterCall> filters = tokens.skip(Kind.OPERATOR, "|") ? expressions.filterChain() : List.of();
        return new Node.SetBlock(at, target, filters, blockBody("endset"));
    }

    private Statement macro(int at) {
        String name = tokens.name();
        List<Node.Parameter> parameters = parameters();
        return new Node.Macro(at, name, parameters, outsideLoops("endmacro"));
    }

    private Statement callBlock(int at) {
        List<Node.Parameter> parameters = tokens.peek().is(Kind.OPERATOR, "(") ? parameters() : List.of();
        if (expressions.expression() instanceof Node.Call call) {
            return new Node.CallBlock(at, parameters, call, outsideLoops("endcall"));
        }
        throw new JinjaError("expected a call after 'call'").at(at);
    }

    /** A body that is called from elsewhere, so that {@code break} does not reach the loop around it. */
    private List<Statement> outsideLoops(String end) {
        int around = loops;
        loops = 0;
        List<Statement> body = blockBody(end);
        loops = around;
        return body;
    }

    private List<Node.Parameter> parameters() {
        tokens.expect(Kind.OPERATOR, "(");
        var parameters = new ArrayList<Node.Parameter>();
        while (!tokens.skip(Kind.OPERATOR, ")")) {
            if (!parameters.isEmpty()) {
                tokens.expect(Kind.OPERATOR, ",");
            }
            String name = tokens.name();
            Expression otherwise = tokens.skip(Kind.OPERATOR, "=") ? expressions.expression() : null;
            parameters.add(new Node.Parameter(name, otherwise));
        }
        return parameters;
    }

    private Statement with(int at) {
        var assignments = new ArrayList<Node.Set>();
        while (tokens.peek().kind() != Kind.CLOSE_BLOCK) {
            if (!assignments.isEmpty()) {
                tokens.expect(Kind.OPERATOR, ",");
            }
            int place = tokens.peek().at();
            Node.Target target = new Node.Target(List.of(tokens.name()), false, null);
            tokens.expect(Kind.OPERATOR, "=");
            assignments.add(new Node.Set(place, target, expressions.expression()));
        }
        return new Node.Block(at, assignments, blockBody("endwith"));
    }
}
