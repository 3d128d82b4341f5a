package dev.crema.api;

import dev.crema.engine.Model;
import dev.crema.json.Json;
import dev.crema.tokenizer.Tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/** Text to tokens and back, and messages to a prompt, in llama-server's shapes (its tools/server/README.md). */
final class TokenService {
    private TokenService() { }

    /** {@code {content, add_special, parse_special, with_pieces}} to {@code {tokens}}: ids, or with pieces {@code {id, piece}}. */
    static Json.Obj tokenize(Model model, Json.Obj body) {
        var fields = new Fields(body);
        fields.allowOnly(Set.of("content", "add_special", "parse_special", "with_pieces", "model"), Set.of());
        String content = fields.requiredString("content");
        boolean pieces = fields.flag("with_pieces", false);
        Tokenizer tokenizer = model.tokenizer();
        var special = fields.flag("parse_special", true) ? Tokenizer.Special.PARSE : Tokenizer.Special.TEXT;
        int[] ids = tokenizer.encode(content, special);
        var tokens = new Json.Arr();
        if (fields.flag("add_special", false) && tokenizer.addsBos() && !(ids.length > 0 && ids[0] == tokenizer.bos())) {
            tokens.add(token(tokenizer, tokenizer.bos(), pieces));
        }
        for (int id : ids) {
            tokens.add(token(tokenizer, id, pieces));
        }
        return new Json.Obj().put("tokens", tokens);
    }

    /** A piece is a string, or an array of bytes where it is no whole characters. */
    private static Json token(Tokenizer tokenizer, int id, boolean pieces) {
        if (!pieces) {
            return Json.of((long) id);
        }
        byte[] bytes = tokenizer.bytes(id);
        String text = new String(bytes, StandardCharsets.UTF_8);
        var array = new Json.Arr();
        for (byte b : bytes) {
            array.add(Json.of((long) (b & 255)));
        }
        boolean whole = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes);
        return new Json.Obj().put("id", id).put("piece", whole ? Json.of(text) : array);
    }

    /** {@code {tokens}} to {@code {content}}; special tokens give their text. */
    static Json.Obj detokenize(Model model, Json.Obj body) {
        var fields = new Fields(body);
        fields.allowOnly(Set.of("tokens", "model"), Set.of());
        Json.Arr given = fields.array("tokens");
        if (given == null) {
            throw fields.missing("tokens", "an array of token ids");
        }
        int vocabulary = model.tokenizer().vocabSize();
        int[] ids = new int[given.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) Fields.integer("tokens[" + i + "]", given.get(i), 0, vocabulary - 1);
        }
        return new Json.Obj().put("content", model.tokenizer().decode(ids, true));
    }

    /** A request for a chat completion to {@code {prompt}}, the text that the model would be given. */
    static Json.Obj applyTemplate(Model model, Json.Obj body) {
        return new Json.Obj().put("prompt", Prompts.chat(model, ChatCompletionRequest.read(body, model.defaults())));
    }
}
