package dev.crema.chat.jinja;

import dev.crema.Clock;
import dev.crema.json.Json;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A parsed Jinja template. Immutable: every rendering has a state of its own. */
public final class Template {
    /** The largest published chat templates have some 30,000 characters. */
    private static final int MAX_SOURCE = 1_000_000;

    private final String source;
    private final List<Node.Statement> body;

    private Template(String source, List<Node.Statement> body) {
        this.source = source;
        this.body = body;
    }

    /** Throws {@link JinjaError} where the source is no template. */
    public static Template parse(String source) {
        if (source.length() > MAX_SOURCE) {
            throw new JinjaError("the template has " + source.length() + " characters, " + MAX_SOURCE + " at most are read");
        }
        String normalized = Lexer.normalize(source);
        return new Template(source, Parser.parse(normalized));
    }

    public String source() {
        return source;
    }

    /** Renders with the members of {@code variables}; throws {@link JinjaError}. The clock is for {@code strftime_now}. */
    public String render(Json.Obj variables, Clock clock) {
        var values = new HashMap<String, Value>();
        for (Map.Entry<String, Json> member : variables.members().entrySet()) {
            values.put(member.getKey(), Value.of(member.getValue()));
        }
        return Interpreter.render(body, values, new Globals(clock));
    }
}
