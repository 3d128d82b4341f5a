package dev.crema.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;

class ToolCallParserTest {
    /** Stands behind a call whose arguments may go on. */
    private static final char OPEN_CALL = '\u0001';
    private static final Map<String, Json.Obj> FUNCTIONS = Map.of("g", new Json.Obj(), "f", JsonParser.parseObject(
        "{\"parameters\":{\"properties\":{\"s\":{\"type\":\"string\"},\"n\":{\"type\":\"integer\"}}}}"));
    private static final String[][] TABLE = {
        {"", ""},
        {"plain text ", "plain text "},
        {"a < b <tool", "a < b <tool"},
        {"<tool_call>{\"name\":\"f\",\"arguments\":{\"x\":1}}</tool_call>", "[f {\"x\":1}]"},
        {"\n<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>\n", "[f {}]"},
        {"Let me see. \n<tool_call>{\"name\":\"f\"}</tool_call> \n <tool_call>{\"name\":\"g\",\"parameters\":{\"a\":null}}</tool_call>\n",
            "Let me see.[f {}][g {\"a\":null}]"},
        {"<tool_call>{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\"}</tool_call>", "[f {\"x\":1}]"},
        {"<tool_call>{\"name\":\"f\"}</tool_call>\n\nDone. ", "[f {}]Done. "},
        {"x <tool_call>{oops}</tool_call> y", "x <tool_call>{oops}</tool_call> y"},
        {"<tool_call>{\"arguments\":{}}</tool_call>", "<tool_call>{\"arguments\":{}}</tool_call>"},
        {"<tool_call>[1]</tool_call>", "<tool_call>[1]</tool_call>"},
        {"<tool_call>{\"name\":\"f\",\"arguments\":{}}", "[f {}]"},
        {"<tool_call>{\"name\":\"f\",\"argu", "<tool_call>{\"name\":\"f\",\"argu"},
        {"<<tool_call>{\"name\":\"f\"}</tool_call>", "<[f {}]"},
        {"<tool_call>{\"name\":\"f\",\"arguments\":{\"s\":\"<tool_call>\"}}</tool_call>", "[f {\"s\":\"<tool_call>\"}]"},
    };

    /** Form by form, with the tool {@code f}. */
    private static final Object[][] FORMS = {
        {ToolForm.MISTRAL, "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"a\": 1}}, {\"name\": \"g\", \"arguments\": {}}]", "[f {\"a\": 1}][g {}]"},
        {ToolForm.MISTRAL, "Well.[TOOL_CALLS][{\"name\":\"f\",\"arguments\":{\"a\":[1,{}]},\"id\":\"abcdefghi\"}] ", "Well.[f {\"a\":[1,{}]}]"},
        {ToolForm.MISTRAL, "[TOOL_CALLS] none", "[TOOL_CALLS] none"},
        {ToolForm.MISTRAL_NAMED, "[TOOL_CALLS]f[ARGS]{\"a\": \"}\"}[TOOL_CALLS]g[CALL_ID]x[ARGS]{}", "[f {\"a\": \"}\"}][g {}]"},
        {ToolForm.MISTRAL_NAMED, "[TOOL_CALLS] just text", "[TOOL_CALLS] just text"},
        {ToolForm.LLAMA, "{\"name\": \"f\", \"parameters\": {\"a\": \"x\"}}", "[f {\"a\": \"x\"}]"},
        {ToolForm.LLAMA, "<|python_tag|>{\"type\": \"function\", \"name\": \"g\", \"parameters\": {}}; {\"name\": \"f\", \"parameters\": {}}", "[g {}][f {}]"},
        {ToolForm.LLAMA, "{\"name\": \"Ada\", \"parameters\": {}}", "{\"name\": \"Ada\", \"parameters\": {}}"},
        {ToolForm.LLAMA, " {\"city\": \"Rome\"}", " {\"city\": \"Rome\"}"},
        {ToolForm.LLAMA, "So {\"name\": \"f\", \"parameters\": {}}", "So {\"name\": \"f\", \"parameters\": {}}"},
        {ToolForm.PHI, "<|tool_call|>[{\"name\":\"f\",\"arguments\":{}},{\"name\":\"f\",\"arguments\":{}}]<|/tool_call|>", "[f {}][f {}]"},
        {ToolForm.GRANITE, "<|tool_call|> [{\"arguments\":{\"a\":2},\"name\":\"f\"}]", "[f {\"a\":2}]"},
        {ToolForm.FUNCTOOLS, " functools[{\"name\": \"f\", \"arguments\": {\"a\": \"b\"}}]", "[f {\"a\": \"b\"}]"},
        {ToolForm.XML, "Hm.\n<tool_call>\n<function=f>\n<parameter=s>\n12 \"<b>\n</parameter>\n<parameter=n>\n12\n</parameter>\n</function>\n</tool_call>\n",
            "Hm.[f {\"s\": \"12 \\\"<b>\", \"n\": 12}]"},
        {ToolForm.XML, "<tool_call><function=g></function></tool_call>\n<tool_call>\n<function=g>\n<parameter=a b>True</parameter><parameter=c>x\ny</parameter>\n"
            + "<parameter=d>{\"k\": [1]}</parameter><parameter=e></parameter>\n</function>\n</tool_call>",
            "[g {}][g {\"a b\": true, \"c\": \"x\\ny\", \"d\": {\"k\":[1]}, \"e\": \"\"}]"},
        {ToolForm.XML, "<tool_call>\n<fun>", "<tool_call>\n<fun>"},
        {ToolForm.HERMES, "<tool_call>{\"name\":\"f\",\"arguments\":5}</tool_call>", "[f 5]"},
        {ToolForm.DEEPSEEK, "Ok.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"s\": \"```\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function"
            + "<｜tool▁sep｜>g\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "Ok.[f {\"s\": \"```\"}][g {}]"},
        {ToolForm.DEEPSEEK, "<｜tool▁calls▁begin｜>x", "<｜tool▁calls▁begin｜>x"},
        {ToolForm.DEEPSEEK, "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\":1}\n```", "[f {\"a\":1}]"},
        {ToolForm.DEEPSEEK_PLAIN, "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\":1}<｜tool▁call▁end｜><｜tool▁call▁begin｜>g<｜tool▁sep｜>{}<｜tool▁call▁end｜>"
            + "<｜tool▁calls▁end｜>", "[f {\"a\":1}][g {}]"},
        {ToolForm.KIMI, "Hm. <|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{\"a\": {}}<|tool_call_end|><|tool_call_begin|>functions.g:1"
            + "<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>", "Hm.[f {\"a\": {}}][g {}]"},
        {ToolForm.HARMONY, "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\": 1}", "[f {\"a\": 1}]"},
        {ToolForm.HARMONY, "<|channel|>commentary to=functions.g<|message|>{}", "[g {}]"},
        {ToolForm.HARMONY, " to=functions.f<|channel|>commentary json<|message|>{\"a\": 1}", "[f {\"a\": 1}]"},
        {ToolForm.HARMONY, "Go to=func", "Go to=func"},
        {ToolForm.HARMONY, "go to=functions. Yes", "go to=functions. Yes"},
        {ToolForm.COMMAND, "<|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"f\", \"parameters\": {\"a\": 1}},\n    {\"tool_call_id\": \"1\", \"tool_name\": \"g\","
            + " \"parameters\": {}}\n]<|END_ACTION|>", "[f {\"a\": 1}][g {}]"},
        {ToolForm.GLM, "So:\n<tool_call>f\n<arg_key>s</arg_key>\n<arg_value>12 <b> \"x\"\n</arg_value>\n<arg_key>n</arg_key>\n<arg_value>12</arg_value>\n</tool_call>\n<tool_call>g\n"
            + "</tool_call>", "So:[f {\"s\": \"12 <b> \\\"x\\\"\\n\", \"n\": 12}][g {}]"},
        {ToolForm.GLM, "<tool_call>g<arg_key>k</arg_key><arg_value>[1, {}]</arg_value></tool_call>", "[g {\"k\": [1,{}]}]"},
        {ToolForm.GLM, "<tool_call>{\"name\"", "<tool_call>{\"name\""},
        {ToolForm.PYTHONIC, "[f(s='it\\'s, \"x\"', n=-1.5), g(a=True, b=[None, {'k': (1, 2)}], c=\"\\u00e9\")]",
            "[f {\"s\": \"it's, \\\"x\\\"\", \"n\": -1.5}][g {\"a\": true, \"b\": [null,{\"k\":[1,2]}], \"c\": \"é\"}]"},
        {ToolForm.PYTHONIC, "[1, 2, 3]", "[1, 2, 3]"},
        {ToolForm.PYTHONIC, "[Ada(x=1)]", "[Ada(x=1)]"},
        {ToolForm.PYTHONIC, "[link](http://x)", "[link](http://x)"},
        {ToolForm.PYTHONIC, "<|python_start|>[g()]", "[g {}]"},
        {ToolForm.LFM, "Let me.<|tool_call_start|>[f(s=\"a)b\")]<|tool_call_end|>Done.", "Let me.[f {\"s\": \"a)b\"}]Done."},
        {ToolForm.HERMES, "<tool_call>\n</tool_call>", "<tool_call>\n</tool_call>"},
    };

    @Test
    void everyFormIsRead() {
        var random = new Random(5);
        for (Object[] row : FORMS) {
            String text = (String) row[1];
            // At once, character by character, and in pieces.
            for (int round = 0; round < 50; round++) {
                int longest = round == 0 ? text.length() : round == 1 ? 1 : 1 + random.nextInt(9);
                assertEquals(row[2], parsed((ToolForm) row[0], text, longest, random), text);
            }
        }
    }

    @Test
    void argumentsComeAsTheyAreWritten() {
        var parser = new ToolCallParser(ToolForm.HERMES, FUNCTIONS);
        assertEquals(List.of(), parser.append("<tool_call>{\"name\": \"f\", \"argum"));
        assertEquals(List.of(new ToolCallParser.Piece(null, "f", null), new ToolCallParser.Piece(null, null, "{\"a\": [1")), parser.append("ents\": {\"a\": [1"));
        assertEquals(List.of(new ToolCallParser.Piece(null, null, ", 2]")), parser.append(", 2]"));
        assertEquals(List.of(new ToolCallParser.Piece(null, null, "}")), parser.append("}}</tool_call>"));
        assertEquals(List.of(), parser.finish(true));
    }

    @Test
    void formsAreToldByTheTemplate() {
        assertEquals(ToolForm.HERMES, ToolForm.of("... <tool_call> ..."));
        assertEquals(ToolForm.MISTRAL, ToolForm.of("[AVAILABLE_TOOLS] [TOOL_CALLS]"));
        assertEquals(ToolForm.MISTRAL_NAMED, ToolForm.of("[TOOL_CALLS] [ARGS]"));
        assertEquals(ToolForm.LLAMA, ToolForm.of("Respond in the format {\"name\": function name, \"parameters\": dictionary of argument name and its value}."));
        assertEquals(ToolForm.PHI, ToolForm.of("<|tool|>{{ tools }}<|/tool|>"));
        assertEquals(ToolForm.GRANITE, ToolForm.of("<|tool_call|>"));
        assertEquals(ToolForm.FUNCTOOLS, ToolForm.of("a list formatted as functools[{...}]"));
        assertEquals(ToolForm.XML, ToolForm.of("<tool_call>\n<function=name>"));
        assertEquals(ToolForm.GLM, ToolForm.of("<tool_call>name\n<arg_key>"));
        assertEquals(ToolForm.DEEPSEEK, ToolForm.of("<｜tool▁calls▁begin｜> ```json"));
        assertEquals(ToolForm.DEEPSEEK_PLAIN, ToolForm.of("<｜tool▁calls▁begin｜>"));
        assertEquals(ToolForm.KIMI, ToolForm.of("<|tool_calls_section_begin|>"));
        assertEquals(ToolForm.COMMAND, ToolForm.of("<|START_ACTION|> ```json"));
        assertEquals(ToolForm.LFM, ToolForm.of("<|tool_list_start|>"));
        assertEquals(ToolForm.HARMONY, ToolForm.of("<|channel|>commentary to=functions.{{ name }}"));
        assertEquals(ToolForm.PYTHONIC, ToolForm.of("in the format of [func_name1(params_name1=params_value1, params_name2=params_value2...)]"));
        assertNull(ToolForm.of("{{ messages }}"));
    }

    @Test
    void takesCallsOutHoweverTheTextIsCut() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (String[] row : TABLE) {
            for (int round = 0; round < 50; round++) {
                assertEquals(row[1], parsed(ToolForm.HERMES, row[0], round == 0 ? row[0].length() : 1 + random.nextInt(12), random), row[0]);
            }
        }
    }

    @Test
    void dropsACallThatIsCutOff() {
        var parser = new ToolCallParser(ToolForm.HERMES, FUNCTIONS);
        assertEquals("Hm.", parser.append("Hm. <tool_call>{\"name\":\"f\",\"argu").get(0).content());
        assertEquals(List.of(), parser.finish(true));
    }

    private static String parsed(ToolForm form, String text, int longest, Random random) {
        var parser = new ToolCallParser(form, FUNCTIONS);
        var out = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            int end = Math.min(text.length(), at + 1 + (longest == text.length() ? longest : random.nextInt(longest)));
            add(parser.append(text.substring(at, end)), out);
            at = end;
        }
        add(parser.finish(false), out);
        return out.toString().replace(OPEN_CALL, ']');
    }

    private static void add(List<ToolCallParser.Piece> pieces, StringBuilder out) {
        for (ToolCallParser.Piece piece : pieces) {
            boolean inCall = !out.isEmpty() && out.charAt(out.length() - 1) == OPEN_CALL;
            if (inCall) {
                out.setLength(out.length() - 1);
            }
            if (piece.arguments() != null) {
                out.append(piece.arguments()).append(OPEN_CALL);
                continue;
            }
            out.append(inCall ? "]" : "");
            if (piece.name() != null) {
                out.append('[').append(piece.name()).append(' ').append(OPEN_CALL);
            } else {
                assertFalse(piece.content().isEmpty());
                out.append(piece.content());
            }
        }
    }
}
