package dev.crema.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.grammar.CompiledGrammar;
import dev.crema.grammar.Expression;
import dev.crema.grammar.Grammar;
import dev.crema.grammar.JsonSchema;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

/** What the grammar of a form lets through is what the parser of the form reads, and what the tools' schemas allow. */
class ToolGrammarTest {
    private static final Json.Obj ADD = JsonParser.parseObject(
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"enum\":[\"x\",\"y\"]}},\"required\":[\"a\"],\"additionalProperties\":false}");
    private static final Json.Obj NOW = JsonParser.parseObject("{\"type\":\"object\",\"additionalProperties\":false}");
    private static final List<ToolGrammar.Tool> TOOLS = List.of(new ToolGrammar.Tool("add", ADD), new ToolGrammar.Tool("now", NOW));

    /** Form, a call of {@code add} with a = 1 and b = x, and two calls. */
    private static final Object[][] FORMS = {
        {ToolForm.DEEPSEEK, "<｜tool▁calls▁begin｜>CALL<｜tool▁calls▁end｜>", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{\"a\": 1, \"b\": \"x\"}\n```<｜tool▁call▁end｜>",
            "\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n```<｜tool▁call▁end｜>"},
        {ToolForm.DEEPSEEK_PLAIN, "<｜tool▁calls▁begin｜>CALL<｜tool▁calls▁end｜>", "<｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": 1, \"b\": \"x\"}<｜tool▁call▁end｜>",
            "<｜tool▁call▁begin｜>now<｜tool▁sep｜>{}<｜tool▁call▁end｜>"},
        {ToolForm.KIMI, "<|tool_calls_section_begin|>CALL<|tool_calls_section_end|>",
            "<|tool_call_begin|>functions.add:0<|tool_call_argument_begin|>{\"a\": 1, \"b\": \"x\"}<|tool_call_end|>",
            "<|tool_call_begin|>functions.now:1<|tool_call_argument_begin|>{}<|tool_call_end|>"},
        {ToolForm.COMMAND, "<|START_ACTION|>[\n    CALL\n]<|END_ACTION|>", "{\"tool_call_id\": \"0\", \"tool_name\": \"add\", \"parameters\": {\"a\": 1, \"b\": \"x\"}}",
            ",\n    {\"tool_call_id\": \"1\", \"tool_name\": \"now\", \"parameters\": {}}"},
        {ToolForm.GLM, "CALL", "<tool_call>add\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n<arg_key>b</arg_key>\n<arg_value>x</arg_value>\n</tool_call>",
            "\n<tool_call>now\n</tool_call>"},
        {ToolForm.XML, "CALL", "<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n<parameter=b>\nx\n</parameter>\n</function>\n</tool_call>",
            "\n<tool_call>\n<function=now>\n</function>\n</tool_call>"},
        {ToolForm.PYTHONIC, "[CALL]", "add(a=1, b=\"x\")", ", now()"},
        {ToolForm.LFM, "<|tool_call_start|>[CALL]<|tool_call_end|>", "add(a=1, b=\"x\")", ", now()"},
        {ToolForm.HERMES, "CALL", "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": \"x\"}}\n</tool_call>",
            "\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>"},
        {ToolForm.MISTRAL_NAMED, "CALL", "[TOOL_CALLS]add[ARGS]{\"a\": 1, \"b\": \"x\"}", "[TOOL_CALLS]now[ARGS]{}"},
        {ToolForm.HARMONY, "CALL", "<|channel|>commentary to=functions.add <|constrain|>json<|message|>{\"a\": 1, \"b\": \"x\"}", null},
    };

    private static CompiledGrammar only(ToolForm form, boolean parallel) {
        Map<String, Expression> rules = JsonSchema.rules();
        Expression calls = new ToolGrammar(form, TOOLS, parallel, rules).only();
        rules.put("reply", calls);
        return new CompiledGrammar(new Grammar("reply", rules));
    }

    private static String parsed(ToolForm form, String text) {
        var function = new Json.Obj().put("parameters", ADD);
        var parser = new ToolCallParser(form, Map.of("add", function, "now", new Json.Obj()));
        var out = new StringBuilder();
        for (int i = 0; i <= text.length(); i++) {
            for (ToolCallParser.Piece piece : i < text.length() ? parser.append(text.substring(i, i + 1)) : parser.finish(false)) {
                out.append(piece.content() != null ? "!" + piece.content() : piece.name() != null ? " " + piece.name() + " " : piece.arguments());
            }
        }
        return out.toString().replace(" ", "");
    }

    @Test
    void aFormsGrammarAndParserAgree() {
        for (Object[] row : FORMS) {
            var form = (ToolForm) row[0];
            String one = ((String) row[1]).replace("CALL", (String) row[2]);
            assertTrue(only(form, true).matches(one), form + " " + one);
            assertTrue(only(form, false).matches(one), form + " " + one);
            assertEquals("add{\"a\":1,\"b\":\"x\"}", parsed(form, one), one);
            if (row[3] != null) {
                String two = ((String) row[1]).replace("CALL", row[2] + (String) row[3]);
                assertTrue(only(form, true).matches(two), form + " " + two);
                assertFalse(only(form, false).matches(two), form + " " + two);
                assertEquals("add{\"a\":1,\"b\":\"x\"}now{}", parsed(form, two), two);
            }
            for (String[] wrong : new String[][] {{"add", "sub"}, {"x", "z"}, {"1", "\"1\""}}) {
                String bent = one.replace(wrong[0], wrong[1]).replace("\"1\"", "1.5");
                assertFalse(only(form, true).matches(bent), form + " " + bent);
            }
            assertFalse(only(form, true).matches("Well. " + one), form + " " + one);
            assertFalse(only(form, true).matches(one.substring(0, one.length() - 1)), form + " " + one);
        }
    }

    @Test
    void parametersThatNeedNotBeThereMayBeLeftOut() {
        for (ToolForm form : new ToolForm[] {ToolForm.PYTHONIC, ToolForm.LFM}) {
            String open = form == ToolForm.LFM ? form.open() : "";
            assertTrue(only(form, true).matches(open + "[add(a=1)]" + form.close()));
            assertFalse(only(form, true).matches(open + "[add(b=\"x\")]" + form.close()));
            assertFalse(only(form, true).matches(open + "[add(a=1, )]" + form.close()));
        }
        assertTrue(only(ToolForm.GLM, true).matches("<tool_call>add\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n</tool_call>"));
        assertFalse(only(ToolForm.GLM, true).matches("<tool_call>add\n</tool_call>"));
    }

    /** gpt-oss: a call takes the place of the final message, behind thoughts or without. */
    @Test
    void aCallOfHarmonyIsAMessageOfItsOwn() {
        Map<String, Expression> rules = JsonSchema.rules();
        Expression calls = new ToolGrammar(ToolForm.HARMONY, TOOLS, true, rules).only();
        Thinking thinking = Thinking.of("<|channel|>analysis<|message|>", "<|start|>assistant", false);
        rules.put("reply", ToolGrammar.behindThoughts(thinking, ToolForm.HARMONY, Expression.text("Hi"), calls, rules));
        var grammar = new CompiledGrammar(new Grammar("reply", rules));
        String call = "<|channel|>commentary to=functions.now <|constrain|>json<|message|>{}";
        for (String reply : List.of(call, "<|channel|>final<|message|>Hi")) {
            assertTrue(grammar.matches(reply), reply);
            assertTrue(grammar.matches("<|channel|>analysis<|message|>Hm<|end|><|start|>assistant" + reply), reply);
        }
        assertFalse(grammar.matches("<|channel|>final<|message|>" + call));
        var splitter = new ThoughtSplitter(thinking);
        var content = new StringBuilder();
        var thought = new StringBuilder();
        for (char c : ("<|channel|>analysis<|message|>Hm<|end|><|start|>assistant" + call).toCharArray()) {
            ThoughtSplitter.Split split = splitter.append(String.valueOf(c));
            thought.append(split.thought());
            content.append(split.content());
        }
        content.append(splitter.finish().content());
        assertEquals("Hm", thought.toString());
        assertEquals(call, content.toString());
    }
}
