package dev.crema.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Clock;
import dev.crema.chat.ChatTemplate;
import dev.crema.chat.JinjaTemplate;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

/** Calls that a reply is made to make, and thoughts before it. The echo says what the user said as far as it may, and the least byte where it may not. */
class ToolChoiceTest {
    private static final String TOOLS = "'tools':[{'type':'function','function':{'name':'now','parameters':{'type':'object','properties':{'zone':{'enum':['utc','cet']}},"
        + "'required':['zone'],'additionalProperties':false}}},{'type':'function','function':{'name':'add','strict':true,'parameters':{'type':'object','properties':"
        + "{'a':{'type':'integer'},'b':{'type':'integer'}},'required':['a','b']}}}]";
    private static final String ECHO = EchoDevice.TEMPLATE;

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static ChatTemplate template(String source) {
        return JinjaTemplate.of(source, null, null, Clock.SYSTEM);
    }

    private static String said(String said, String more) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":" + Json.of(json(said)) + "}]" + json(more) + "}";
    }

    private static String heard(String template, String said, String more) {
        return new Transcript(template(template), new Json.Obj().put("do_sample", false)).chat(said(said, more));
    }

    private static Json.Obj choice(String heard) {
        assertTrue(heard.startsWith("reply "), heard);
        return (Json.Obj) ((Json.Arr) JsonParser.parseObject(heard.substring(6)).get("choices")).get(0);
    }

    private static Json.Obj message(String heard) {
        return (Json.Obj) choice(heard).get("message");
    }

    /** {@code name arguments} of each call. */
    private static List<String> calls(String heard) {
        List<String> calls = new ArrayList<>();
        if (message(heard).get("tool_calls") instanceof Json.Arr all) {
            for (Json call : all.items()) {
                var function = (Json.Obj) ((Json.Obj) call).get("function");
                calls.add(((Json.Str) function.get("name")).value() + " " + ((Json.Str) function.get("arguments")).value());
            }
        }
        return calls;
    }

    @Test
    void requiredMakesACallOfAnyReply() {
        String heard = heard(ECHO, "no call", "," + TOOLS + ",'tool_choice':'required'");
        assertEquals(1, calls(heard).size(), heard);
        assertTrue(calls(heard).get(0).startsWith("add ") || calls(heard).get(0).startsWith("now "), heard);
        assertEquals(new Json.Str("tool_calls"), choice(heard).get("finish_reason"));
        assertEquals(Json.NULL, message(heard).get("content"));
    }

    @Test
    void aNamedToolIsCalledWithItsParameters() {
        String heard = heard(ECHO, "<tool_call>{'name':'add','arguments':{'zone':'cet'}}", "," + TOOLS + ",'tool_choice':{'type':'function','function':{'name':'now'}}");
        assertEquals(1, calls(heard).size(), heard);
        String[] call = calls(heard).get(0).split(" ", 2);
        assertEquals("now", call[0]);
        assertTrue(List.of("utc", "cet").contains(((Json.Str) JsonParser.parseObject(call[1]).get("zone")).value()), heard);
    }

    @Test
    void severalCallsUnlessParallelIsOff() {
        String two = "<tool_call>{'name':'now','arguments':{'zone':'utc'}}</tool_call>\n<tool_call>{'name':'add','arguments':{'a':1,'b':2}}</tool_call>";
        assertEquals(List.of("now {\"zone\":\"utc\"}", "add {\"a\":1,\"b\":2}"), calls(heard(ECHO, two, "," + TOOLS + ",'tool_choice':'required'")));
        assertEquals(List.of("now {\"zone\":\"utc\"}"), calls(heard(ECHO, two, "," + TOOLS + ",'tool_choice':'required','parallel_tool_calls':false")));
    }

    @Test
    void strictToolsGetTheRightArgumentsWhereverACallBegins() {
        String wrong = "Well: <tool_call>{'name':'add','arguments':{'a':'one'}}</tool_call>";
        String heard = heard(ECHO, wrong, "," + TOOLS);
        assertEquals(new Json.Str("Well:"), message(heard).get("content"));
        assertEquals(1, calls(heard).size(), heard);
        Json.Obj arguments = JsonParser.parseObject(calls(heard).get(0).split(" ", 2)[1]);
        assertTrue(arguments.get("a") instanceof Json.Num && arguments.get("b") instanceof Json.Num, heard);
        assertEquals(new Json.Str("just text"), message(heard(ECHO, "just text", "," + TOOLS)).get("content"));
    }

    @Test
    void allowedToolsAreAllThereAre() {
        String choice = ",'tool_choice':{'type':'allowed_tools','allowed_tools':{'mode':'required','tools':[{'type':'function','function':{'name':'now'}}]}}";
        assertTrue(calls(heard(ECHO, "x", "," + TOOLS + choice)).get(0).startsWith("now "));
    }

    @Test
    void aFormatOrACall() {
        String format = ",'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':{'type':'object','properties':{'ok':{'type':'boolean'}},'required':['ok']}}}";
        assertEquals(new Json.Str("{\"ok\":true}"), message(heard(ECHO, "{'ok':true}", "," + TOOLS + format)).get("content"));
        assertEquals(List.of("now {\"zone\":\"cet\"}"), calls(heard(ECHO, "<tool_call>{'name':'now','arguments':{'zone':'cet'}}</tool_call>", "," + TOOLS + format)));
    }

    @Test
    void otherFamiliesCallInTheirOwnForm() {
        for (String mark : new String[] {"[TOOL_CALLS]", "[TOOL_CALLS][ARGS]", "<|python_tag|>", "<|tool_call|>", "<|tool|><|/tool|>", "<tool_call><arg_key>",
            "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁begin｜>```json", "<|tool_calls_section_begin|>", "<|START_ACTION|>", "<|tool_list_start|>",
            "[func_name1(params_name1=params_value1", "<|channel|>commentary to=functions."}) {
            String heard = heard(ECHO.replace("<tool_call>", mark), "x", "," + TOOLS + ",'tool_choice':{'type':'function','function':{'name':'add'}}");
            assertEquals(1, calls(heard).size(), heard);
            assertTrue(calls(heard).get(0).startsWith("add {"), heard);
        }
    }

    @Test
    void callsInXmlAreHeldToTheirParameters() {
        String template = ECHO.replace("<tool_call>", "<tool_call><function=");
        String right = "Ok <tool_call>\n<function=add>\n<parameter=a>\n12\n</parameter>\n<parameter=b>\n-7\n</parameter>\n</function>\n</tool_call>";
        assertEquals(List.of("add {\"a\": 12, \"b\": -7}"), calls(heard(template, right, "," + TOOLS)));
        String named = heard(template, "x", "," + TOOLS + ",'tool_choice':{'type':'function','function':{'name':'now'}}");
        assertTrue(List.of("now {\"zone\": \"utc\"}", "now {\"zone\": \"cet\"}").contains(calls(named).get(0)), named);
        String said = "<tool_call>\n<function=say>\n<parameter=text>\nTwo\nlines\n</parameter>\n</function>\n</tool_call>";
        String say = ",'tools':[{'type':'function','function':{'name':'say','parameters':{'type':'object','properties':{'text':{'type':'string'MORE}},'required':['text']}}}]"
            + ",'tool_choice':'required'";
        assertEquals(List.of("say {\"text\": \"Two\\nlines\"}"), calls(heard(template, said, say.replace("MORE", ""))));
        String refused = heard(template, said, say.replace("MORE", ",'maxLength':5"));
        assertTrue(refused.startsWith("error 400") && refused.contains("'maxLength' of the string 'text' can't be kept to"), refused);
    }

    @Test
    void oneIdACallAndArgumentsAsTheyAreWritten() {
        String heard = heard(ECHO, "<tool_call>{'name':'now','arguments':{'zone':'utc'}}</tool_call><tool_call>{'name':'now','arguments':{'zone':'cet'}}</tool_call>",
            "," + TOOLS + ",'stream':true");
        List<String> ids = new ArrayList<>();
        var arguments = new StringBuilder[] {new StringBuilder(), new StringBuilder()};
        int pieces = 0;
        for (String line : heard.split("\n")) {
            if (line.startsWith("chunk ") && line.contains("\"tool_calls\":[")) {
                Json.Obj delta = (Json.Obj) ((Json.Obj) ((Json.Arr) JsonParser.parseObject(line.substring(6)).get("choices")).get(0)).get("delta");
                Json.Obj call = (Json.Obj) ((Json.Arr) delta.get("tool_calls")).get(0);
                if (call.get("id") instanceof Json.Str id) {
                    ids.add(id.value());
                }
                arguments[(int) ((Json.Num) call.get("index")).longValue()].append(((Json.Str) ((Json.Obj) call.get("function")).get("arguments")).value());
                pieces++;
            }
        }
        assertEquals(2, ids.size(), heard);
        assertNotEquals(ids.get(0), ids.get(1));
        assertEquals("{\"zone\":\"utc\"}", arguments[0].toString());
        assertEquals("{\"zone\":\"cet\"}", arguments[1].toString());
        assertTrue(pieces > 10, "one byte a token, " + pieces + " pieces");
    }

    @Test
    void thoughtsAreTheirOwnAndCountedAndFree() {
        String thinks = ECHO + "{# </think> #}";
        String heard = heard(thinks, "<think>\nHm, {\n</think>\n\n{'a':1} etc", ",'response_format':{'type':'json_object'}");
        assertEquals(new Json.Str("Hm, {"), message(heard).get("reasoning_content"));
        assertEquals(new Json.Str("{\"a\":1}"), message(heard).get("content"));
        assertTrue(heard.contains("\"reasoning_tokens\":22,"), heard);
        String free = heard(thinks, "<think>a</think>b", "");
        assertEquals(new Json.Str("a"), message(free).get("reasoning_content"));
        assertEquals(new Json.Str("b"), message(free).get("content"));
        assertFalse(heard(thinks, "b", "").contains("reasoning_content"));
        assertTrue(heard(thinks, "<think>a</think>b", ",'stream':true").contains("\"delta\":{\"reasoning_content\":\"a\"}"));
        String called = heard(thinks, "<think>a</think>b", "," + TOOLS + ",'tool_choice':'required'");
        assertEquals(new Json.Str("a"), message(called).get("reasoning_content"));
        assertEquals(1, calls(called).size(), called);
    }

    @Test
    void reasoningEffortIsPutInTheTemplatesWords() {
        String shows = "{{ 'thinks' if enable_thinking else 'acts' }}{{ reasoning_effort }}=>";
        assertEquals(new Json.Str("actsnone"), message(heard(shows, "", ",'reasoning_effort':'none'")).get("content"));
        assertEquals(new Json.Str("thinkshigh"), message(heard(shows, "", ",'reasoning_effort':'high'")).get("content"));
        assertEquals(new Json.Str("actshigh"),
            message(heard(shows, "", ",'reasoning_effort':'high','chat_template_kwargs':{'enable_thinking':false}")).get("content"));
    }
}
