package dev.crema.tokenizer;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Encodes for tests in other languages, with the tokenizer of the file or folder that the argument names. Reads one JSON object a line
 * ({@code text}, {@code special}: {@code parse} or {@code text}) and answers with {@code ids} and their {@code decoded} text.
 */
public final class TokenizerRunner {
    private TokenizerRunner() { }

    public static void main(String[] args) throws IOException {
        Tokenizer tokenizer = TokenizerFiles.open(Path.of(args[0]));
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Json.Obj request = JsonParser.parseObject(line);
            boolean parse = ((Json.Str) request.get("special")).value().equals("parse");
            int[] ids = tokenizer.encode(((Json.Str) request.get("text")).value(), parse ? Tokenizer.Special.PARSE : Tokenizer.Special.TEXT);
            var list = new Json.Arr();
            for (int id : ids) {
                list.add(Json.of(id));
            }
            out.print(new Json.Obj().put("ids", list).put("decoded", tokenizer.decode(ids, true)) + "\n");
            out.flush();
        }
    }
}
