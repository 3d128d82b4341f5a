package dev.crema.api;

import dev.crema.engine.GenerationListener.TokenLogprob;
import dev.crema.json.Json;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Log-probabilities in the two shapes that OpenAI has for them. */
final class LogprobJson {
    /** What OpenAI writes for a probability of zero. */
    private static final double IMPOSSIBLE = -9999;

    private LogprobJson() { }

    /** Of chat: {@code {"content":[{token, logprob, bytes, top_logprobs}],"refusal":null}}. */
    static Json.Obj chat(List<TokenLogprob> tokens) {
        var content = new Json.Arr();
        for (TokenLogprob token : tokens) {
            var top = new Json.Arr();
            for (TokenLogprob alternative : token.top()) {
                top.add(entry(alternative));
            }
            content.add(entry(token).put("top_logprobs", top));
        }
        return new Json.Obj().put("content", content).put("refusal", Json.NULL);
    }

    private static Json.Obj entry(TokenLogprob token) {
        var bytes = new Json.Arr();
        for (byte b : token.bytes()) {
            bytes.add(Json.of((long) (b & 255)));
        }
        return new Json.Obj().put("token", text(token)).put("logprob", number(token)).put("bytes", bytes);
    }

    /** Of completions: parallel arrays; {@code textOffset} is where the first of the tokens starts in the reply, in characters. */
    static Json.Obj completion(List<TokenLogprob> tokens, int textOffset) {
        var texts = new Json.Arr();
        var logprobs = new Json.Arr();
        var tops = new Json.Arr();
        var offsets = new Json.Arr();
        int offset = textOffset;
        for (TokenLogprob token : tokens) {
            String text = text(token);
            texts.add(new Json.Str(text));
            boolean first = Float.isNaN(token.logprob()); // Of a prompt: nothing came before it.
            logprobs.add(first ? Json.NULL : number(token));
            offsets.add(Json.of((long) offset));
            offset += length(text);
            var top = new Json.Obj();
            for (TokenLogprob alternative : token.top()) {
                top.put(text(alternative), number(alternative));
            }
            tops.add(first ? Json.NULL : top);
        }
        return new Json.Obj().put("tokens", texts).put("token_logprobs", logprobs).put("top_logprobs", tops).put("text_offset", offsets);
    }

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** A token that is part of a character only reads as U+FFFD; its bytes tell more. */
    static String text(TokenLogprob token) {
        return new String(token.bytes(), StandardCharsets.UTF_8);
    }

    private static Json number(TokenLogprob token) {
        float logprob = token.logprob();
        return Float.isNaN(logprob) || Float.isInfinite(logprob) ? Json.of(IMPOSSIBLE) : Json.of(Double.parseDouble(Float.toString(logprob)));
    }
}
