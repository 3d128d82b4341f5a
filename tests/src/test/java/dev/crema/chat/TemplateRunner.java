package dev.crema.chat;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Renders chat templates for tests in other languages. Reads one JSON object a line ({@code template, messages, tools,
 * add_generation_prompt, variables}) and answers each with {@code {"text": ...}} or {@code {"error": ..., "code": ...}}.
 * {@code strftime_now} tells 2024-07-26.
 */
public final class TemplateRunner {
    private static final Clock CLOCK = new Clock() {
        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public long epochMillis() {
            return 1_721_995_200_000L;
        }
    };

    private TemplateRunner() { }

    public static void main(String[] args) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.print(answer(JsonParser.parseObject(line)) + "\n");
            out.flush();
        }
    }

    private static Json.Obj answer(Json.Obj request) {
        try {
            String source = ((Json.Str) request.get("template")).value();
            Json.Arr messages = request.get("messages") instanceof Json.Arr given ? given : new Json.Arr();
            Json.Arr tools = request.get("tools") instanceof Json.Arr given ? given : null;
            Json.Obj variables = request.get("variables") instanceof Json.Obj given ? given : new Json.Obj();
            boolean prompt = Json.TRUE.equals(request.get("add_generation_prompt"));
            return new Json.Obj().put("text", JinjaTemplate.of(source, null, null, CLOCK).render(messages, tools, prompt, variables));
        } catch (CremaException error) {
            return new Json.Obj().put("error", error.getMessage()).put("code", error.code().wireName());
        }
    }
}
