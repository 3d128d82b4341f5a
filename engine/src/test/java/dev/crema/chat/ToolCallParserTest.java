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
        {ToolForm.HERMES, "<tool_call>\n</tool_call>", "<tool_call>\n</tool_call>"},
    };

    @Test
    void everyFormIsRead() {
        var random = new Random(5);
        for (Object[] row : FORMS) {
            String text = (String) row[1];
            for (int round = 0; round < 50; round++) {
                assertEquals(row[2], parsed((ToolForm) row[0], text, round == 0 ? text.length() : 1 + random.nextInt(9), random), text);
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
        assertNull(ToolForm.of("<tool_call>name\n<arg_key>"));
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
