package dev.crema.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.chat.JinjaTemplate;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.sampling.SamplingParams;

import org.junit.jupiter.api.Test;

/** What the goldens can't show: cancelling, errors in the middle, and that the service goes on afterwards. */
class ChatServiceTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String LONG = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + "long ".repeat(30) + "\"}],\"stream\":true}";
    private static final String HI = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    @Test
    void cancellingEndsTheStreamWithAnError() {
        var transcript = new Transcript();
        String heard = transcript.answer(CHAT, LONG, new Cancellation(), 20);
        assertTrue(heard.startsWith("chunk "), heard);
        assertTrue(lastLine(heard).startsWith("error 499 {\"error\":{\"message\":\"The request was cancelled."), heard);
        assertFalse(heard.contains("\ndone"), heard);
        assertTrue(transcript.answer(CHAT, HI).contains("\"content\":\"Hi\""), "the service goes on");
    }

    @Test
    void oneErrorEndsAllChoices() {
        var transcript = new Transcript();
        String three = LONG.replace("\"stream\":true", "\"stream\":true,\"n\":3");
        String heard = transcript.answer(CHAT, three, new Cancellation(), 30);
        assertEquals(1, count(heard, "error 499"));
        assertEquals(3, count(heard, "\"role\":\"assistant\""));
    }

    @Test
    void aLostDeviceIsToldInTheMiddleOfAStream() {
        var transcript = new Transcript();
        transcript.device.lost = true;
        assertTrue(lastLine(transcript.answer(CHAT, LONG)).startsWith("error 503 "));
    }

    @Test
    void aRefusedChoiceTakesTheOthersWithIt() {
        var transcript = new Transcript();
        var cancellation = new Cancellation();
        String heard = transcript.answer("/v1/completions", "{\"prompt\":[\"user: a=>\",\"user: b=>\",\"\"]}", cancellation, 1000);
        assertTrue(heard.startsWith("error 400 {\"error\":{\"message\":\"The prompt has no tokens."), heard);
        assertTrue(cancellation.isCancelled());
        assertEquals(1, count(heard, "\n"));
        assertTrue(transcript.answer(CHAT, HI).contains("\"content\":\"Hi\""), "the service goes on");
    }

    @Test
    void theSecondTimeAPromptComesFromTheCache() {
        var transcript = new Transcript();
        String body = LONG.replace(",\"stream\":true", "");
        assertEquals(0, cachedTokens(transcript.answer(CHAT, body)));
        assertTrue(cachedTokens(transcript.answer(CHAT, body)) > 100);
        assertEquals(0, cachedTokens(transcript.answer(CHAT, body.replace("{\"messages\"", "{\"cache_prompt\":false,\"messages\""))));
    }

    @Test
    void aPromptWithSeveralRepliesIsComputedOnce() {
        String body = LONG.replace("}]", "}],\"max_tokens\":3");
        var one = new Transcript();
        one.answer(CHAT, body);
        var four = new Transcript();
        String heard = four.answer(CHAT, body.replace("\"stream\":true", "\"stream\":true,\"n\":4"));
        assertEquals(4, count(heard, "\"finish_reason\":\"length\""));
        // Of the prompt each reply computes its last token alone.
        assertTrue(four.device.tokens <= one.device.tokens + 3 * 3, four.device.tokens + " after " + one.device.tokens);
        assertTrue(one.device.tokens > 150);
    }

    @Test
    void aReceiverThatFailsHarmsNobodyElse() {
        var transcript = new Transcript();
        ReplySink broken = new ReplySink() {
            @Override
            public void reply(String json) {
                throw new IllegalStateException("broken");
            }

            @Override
            public void chunk(String json) {
                throw new IllegalStateException("broken");
            }

            @Override
            public void done() {
                throw new IllegalStateException("broken");
            }

            @Override
            public void error(int status, String json) {
                throw new IllegalStateException("broken");
            }
        };
        transcript.service.handle(CHAT, LONG, broken, new Cancellation());
        transcript.service.handle(CHAT, HI, broken, new Cancellation());
        String heard = transcript.answer(CHAT, LONG);
        assertTrue(heard.endsWith("done\n"), heard);
    }

    @Test
    void idsAndSeedsDiffer() {
        var transcript = new Transcript();
        String first = id(transcript.answer(CHAT, HI));
        String second = id(transcript.answer(CHAT, HI));
        assertTrue(first.matches("chatcmpl-[A-Za-z0-9]{24}"), first);
        assertFalse(first.equals(second));
    }

    @Test
    void samplingIsTheRequestsThenTheModelsThenOpenAis() {
        var none = new Json.Obj();
        assertEquals(new SamplingParams(1, 0, 1, 0, 1, 1, 0, 0, java.util.Map.of()), sampling("", none));
        var config = (Json.Obj) JsonParser.parse("{\"do_sample\":true,\"temperature\":0.6,\"top_k\":20,\"top_p\":0.95,\"min_p\":0.1,"
            + "\"typical_p\":0.9,\"repetition_penalty\":1.05}");
        assertEquals(new SamplingParams(0.6f, 20, 0.95f, 0.1f, 0.9f, 1.05f, 0, 0, java.util.Map.of()), sampling("", config));
        assertEquals(new SamplingParams(0.2f, 0, 1, 0, 1, 1, 0, 0, java.util.Map.of()),
            sampling(",\"temperature\":0.2,\"top_k\":-1,\"top_p\":1,\"min_p\":0,\"typical_p\":1,\"repetition_penalty\":1", config));
        assertEquals(0, sampling("", new Json.Obj().put("do_sample", false).put("temperature", 0.6)).temperature());
        assertEquals(1, sampling(",\"temperature\":1", new Json.Obj().put("do_sample", false)).temperature());
        assertEquals(1, sampling("", new Json.Obj().put("temperature", "hot").put("top_p", 7)).temperature());
    }

    private static SamplingParams sampling(String fields, Json.Obj defaults) {
        Json.Obj body = JsonParser.parseObject("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]" + fields + "}");
        return ChatCompletionRequest.read(body, defaults).options().sampling();
    }

    @Test
    void toolsNeedATemplateThatKnowsThem() {
        String body = HI.replace("}]}", "}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}");
        var plain = new Transcript(JinjaTemplate.of("{{ messages[0].content }}=>", null, null, Clock.SYSTEM), new Json.Obj());
        assertTrue(plain.answer(CHAT, body).contains("has no place for tools"));
        var other = new Transcript(JinjaTemplate.of("{{ tools }}{{ messages[0].content }}=>", null, null, Clock.SYSTEM), new Json.Obj());
        assertTrue(other.answer(CHAT, body).contains("in a form that is not supported;"));
    }

    @Test
    void whatATemplateRefusesIsTheRequestsFault() {
        var picky = new Transcript(JinjaTemplate.of("{{ raise_exception('no ' ~ messages[0].role) }}", null, null, Clock.SYSTEM), new Json.Obj());
        String heard = picky.answer(CHAT, HI);
        assertTrue(heard.startsWith("error 400 ") && heard.contains("refuses these messages: no user") && heard.contains("\"param\":\"messages\""), heard);
    }

    @Test
    void aTemplateThatDropsTheLastMessageCannotContinueIt() {
        var blind = new Transcript(JinjaTemplate.of("{{ messages[0].content }}=>", null, null, Clock.SYSTEM), new Json.Obj());
        String heard = blind.answer(CHAT, HI.replace("}]}", "},{\"role\":\"assistant\",\"content\":\"H\"}]}"));
        assertTrue(heard.contains("can't continue an assistant message") && heard.contains("\"param\":\"messages[1]\""), heard);
    }

    private static String id(String reply) {
        return ((Json.Str) body(reply).get("id")).value();
    }

    private static long cachedTokens(String reply) {
        Json.Obj usage = (Json.Obj) body(reply).get("usage");
        return ((Json.Num) ((Json.Obj) usage.get("prompt_tokens_details")).get("cached_tokens")).longValue();
    }

    private static Json.Obj body(String reply) {
        assertTrue(reply.startsWith("reply "), reply);
        return JsonParser.parseObject(reply.substring("reply ".length()));
    }

    private static String lastLine(String lines) {
        String[] all = lines.split("\n");
        return all[all.length - 1];
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }
}
