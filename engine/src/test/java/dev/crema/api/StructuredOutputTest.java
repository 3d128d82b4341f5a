package dev.crema.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a reply is made to look like when the model would say something else: the echo says what the user said, as far as it may. */
class StructuredOutputTest {
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static String request(String said, String more) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":" + Json.of(said) + "}]," + json(more) + "}";
    }

    private static Json.Obj choice(String heard) {
        assertTrue(heard.startsWith("reply "), heard);
        return (Json.Obj) ((Json.Arr) JsonParser.parseObject(heard.substring(6)).get("choices")).get(0);
    }

    private static String content(String heard) {
        return ((Json.Str) ((Json.Obj) choice(heard).get("message")).get("content")).value();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = ';', value = {
        "{'a': 1} and more; 'response_format':{'type':'json_object'}; {'a': 1}",
        "{'b':[true,null]}; 'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':{'type':'object'}}}; {'b':[true,null]}",
        "`{'name':'é','age':3}`; 'response_format':{'type':'json_schema','json_schema':{'name':'x','strict':true,'schema':{'type':'object','properties':"
            + "{'name':{'type':'string'},'age':{'type':'integer'}},'required':['name','age'],'additionalProperties':false}}}; `{'name':'é','age':3}`",
        "maybe; 'grammar':'root ::= [a-z]{3}'; may", "2026-11-25 etc; 'regex':'\\\\d{4}-\\\\d\\\\d-\\\\d\\\\d'; 2026-11-25",
        "ja ja; 'response_format':{'type':'grammar','grammar':'root ::= (`ja` `' '`?)+'}; ja ja",
        "{'k':1}; 'response_format':{'type':'json_object','schema':{'required':['k']}}; {'k':1}"})
    void whatFitsIsSaidAndNothingBehindIt(String said, String format, String reply) {
        String heard = new Transcript().chat(request(json(said), format.replace("`ja`", "\\\"ja\\\"").replace("`' '`", "\\\" \\\"")));
        assertEquals(json(reply), content(heard));
        assertEquals(new Json.Str("stop"), choice(heard).get("finish_reason"));
    }

    @Test
    void whatDoesNotFitIsNotSaid() {
        String heard = new Transcript().chat(request("no", "'regex':'yes|nay'"));
        assertEquals("nay", content(heard));
        String list = new Transcript().chat(request("[1,2]", "'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':"
            + "{'type':'object','properties':{'ok':{'const':true}},'required':['ok'],'additionalProperties':false}}}"));
        assertEquals(Json.TRUE, JsonParser.parseObject(content(list)).get("ok"));
    }

    @Test
    void timeSpentOnGrammarsIsReported() {
        String heard = new Transcript().chat(request("no", "'regex':'no'"));
        assertTrue(heard.contains("\"grammar_ms\":"), heard);
        assertTrue(!new Transcript().chat(request("no", "'n':1")).contains("grammar_ms"));
    }

    @Test
    void severalChoicesStreamEachInTheFormat() {
        String heard = new Transcript().chat(request("abc", "'regex':'ab[xy]','n':2,'stream':true,'seed':4,'temperature':1"));
        for (int choice = 0; choice < 2; choice++) {
            var text = new StringBuilder();
            for (String line : heard.split("\n")) {
                if (line.startsWith("chunk ") && line.contains("{\"index\":" + choice)) {
                    Json.Obj delta = (Json.Obj) ((Json.Obj) ((Json.Arr) JsonParser.parseObject(line.substring(6)).get("choices")).get(0)).get("delta");
                    text.append(delta.get("content") instanceof Json.Str part ? part.value() : "");
                }
            }
            assertTrue(text.toString().matches("ab[xy]"), heard);
        }
        assertTrue(heard.endsWith("done\n"), heard);
    }

    @Test
    void maxTokensCutsAndStopTextsStop() {
        String cut = new Transcript().chat(request("{'a':'long'}", "'response_format':{'type':'json_object'},'max_tokens':1"));
        assertEquals("{", content(cut));
        assertEquals(new Json.Str("length"), choice(cut).get("finish_reason"));
        assertEquals("a", content(new Transcript().chat(request("abc", "'regex':'.*','stop':'b'"))));
    }

    @Test
    void biasesChooseAmongWhatFits() {
        assertEquals("b", content(new Transcript().chat(request("x", "'regex':'a|b','logit_bias':{'98':5,'99':100}"))));
    }

    @Test
    void rawCompletionsToo() {
        String heard = new Transcript().complete(json("{'prompt':'user: x=>','regex':'a{3}'}"));
        assertTrue(heard.contains("\"text\":\"aaa\""), heard);
        assertTrue(new Transcript().complete(json("{'prompt':'user: x=>','response_format':{'type':'json_object'},'max_tokens':1}")).contains("\"text\":\"{\""));
    }
}
