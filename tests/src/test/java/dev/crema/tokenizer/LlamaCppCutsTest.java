package dev.crema.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.checkpoint.Metadata;
import dev.crema.json.Json;
import dev.crema.testing.Goldens;
import dev.crema.tokenizer.Tokenizer.Special;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * GGUF's pre-tokenizers cut as llama.cpp cuts (goldens/make/pre-tokenizers.mjs): with a vocabulary in which all pairs of bytes merge, in an order that has nothing to do
 * with what they stand for, the lengths of the tokens tell where the cuts are.
 */
class LlamaCppCutsTest {
    private static final Json.Obj GOLDEN = Goldens.json("llama-cpp-pre/cuts.json");
    private static final List<String> TEXTS = strings(GOLDEN.get("texts"));
    /**
     * Texts that llama.cpp cuts otherwise than the models' own patterns say, to which Crema keeps; ScannerTest holds it to those patterns. llama.cpp makes one of capitals, small
     * letters and marks where they are beyond ASCII (or everywhere), does not see the boundary that Cohere's digits end at, leaves AFMoE's digits
     * with what is before them, has its own list of Chinese characters, and makes wide
     * spaces small ones before it looks for ranges that have them.
     */
    private static final Map<String, String> DIFFERS = differs();

    private static Map<String, String> differs() {
        Map<String, String> differs = new HashMap<>();
        for (String name : List.of("tekken", "gpt-4o", "kanana2", "minimax-m2")) {
            differs.put(name, "[^\\x00-\\x7F\\p{Punct}\\p{IsWhite_Space}\\p{IsHan}\\p{N}\\p{So}\\p{Cf}]");
        }
        differs.put("granite-embed-multi-97m", "[\\p{Lu}&&[^A-Z]]");
        differs.put("youtu", "[\\p{Lu}\\p{M}]");
        differs.put("kimi-k2", "[\\p{Lu}\\p{M}々]");
        differs.put("tiny_aya", "[\\p{Lu}\\p{M}\\p{N}]");
        differs.put("cohere2moe", "[\\p{Lu}\\p{M}\\p{N}]");
        differs.put("afmoe", "\\p{N}");
        differs.put("deepseek-llm", "[\u3000\u00A0]");
        differs.put("deepseek-coder", "[\u3000\u00A0]");
        return differs;
    }

    private static List<String> strings(Json list) {
        return ((Json.Arr) list).items().stream().map(item -> ((Json.Str) item).value()).toList();
    }

    private static Metadata pairs() {
        String[] tokens = new String[256 + 65536];
        String[] merges = new String[65536];
        int[] types = new int[tokens.length];
        Arrays.fill(types, 1);
        for (int b = 0; b < 256; b++) {
            tokens[b] = String.valueOf(ByteAlphabet.spell(b));
        }
        for (int i = 0; i < merges.length; i++) {
            int pair = i * 40503 + 12345 & 0xFFFF;
            tokens[256 + i] = tokens[pair >> 8] + tokens[pair & 0xFF];
            merges[i] = tokens[pair >> 8] + " " + tokens[pair & 0xFF];
        }
        var metadata = new Metadata();
        metadata.put("tokenizer.ggml.model", "gpt2");
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.merges", merges);
        return metadata;
    }

    private static String lengths(int[] ids) {
        var lengths = new StringBuilder();
        for (int id : ids) {
            lengths.append(id < 256 ? '1' : '2');
        }
        return lengths.toString();
    }

    @TestFactory
    List<DynamicTest> cutsAreLlamaCpps() {
        Metadata metadata = pairs();
        List<DynamicTest> tests = new ArrayList<>();
        for (Json group : ((Json.Arr) GOLDEN.get("groups")).items()) {
            List<String> cuts = strings(((Json.Obj) group).get("cuts"));
            for (String name : strings(((Json.Obj) group).get("names"))) {
                tests.add(DynamicTest.dynamicTest(name, () -> {
                    metadata.put("tokenizer.ggml.pre", name);
                    compare(name, Tokenizers.ofGguf(metadata), cuts);
                }));
            }
        }
        assertTrue(tests.size() >= 60, tests.size() + " names");
        return tests;
    }

    private static void compare(String name, Tokenizer tokenizer, List<String> cuts) {
        List<String> wrong = new ArrayList<>();
        Pattern differs = Pattern.compile(DIFFERS.getOrDefault(name, "(?!)"));
        int compared = 0;
        for (int i = 0; i < TEXTS.size(); i++) {
            String text = TEXTS.get(i);
            boolean normalized = !name.startsWith("qwen") || Normalizer.isNormalized(text, Normalizer.Form.NFC);
            if (normalized && !differs.matcher(text).find()) {
                compared++;
                String found = lengths(tokenizer.encode(text, Special.TEXT));
                if (!found.equals(cuts.get(i))) {
                    wrong.add(Json.of(text) + " " + cuts.get(i) + ", not " + found);
                }
            }
        }
        assertTrue(compared > 100, compared + " texts");
        assertEquals(List.of(), wrong.subList(0, Math.min(6, wrong.size())), wrong.size() + " texts");
    }

    private static int[][] ids(Json list) {
        return ((Json.Arr) list).items().stream().map(row -> ((Json.Arr) row).items().stream().mapToInt(id -> (int) ((Json.Num) id).longValue()).toArray())
            .toArray(int[][]::new);
    }

    private static Metadata vocabulary(String model, Json.Obj golden, IntUnaryOperator type) {
        String[] tokens = strings(golden.get("tokens")).toArray(new String[0]);
        var metadata = new Metadata();
        metadata.put("tokenizer.ggml.model", model);
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.token_type", IntStream.range(0, tokens.length).map(type).toArray());
        return metadata;
    }

    @Test
    void rwkvIsLlamaCpps() {
        Json.Obj golden = Goldens.json("llama-cpp-pre/rwkv.json");
        Metadata metadata = vocabulary("rwkv", golden, id -> id == 0 ? 3 : 1);
        same(Tokenizers.ofGguf(metadata), ids(golden.get("ids")));
    }

    @Test
    void gemma4IsLlamaCpps() {
        Json.Obj golden = Goldens.json("llama-cpp-pre/gemma4.json");
        Metadata metadata = vocabulary("gemma4", golden, id -> id == 3 ? 2 : id < 3 ? 3 : id < 260 ? 6 : 1);
        metadata.put("tokenizer.ggml.merges", strings(golden.get("merges")).toArray(new String[0]));
        metadata.put("tokenizer.ggml.unknown_token_id", 3L);
        Tokenizer tokenizer = Tokenizers.ofGguf(metadata);
        same(tokenizer, ids(golden.get("ids")));
        assertEquals("  hello the\n\n🦙", tokenizer.decode(tokenizer.encode("  hello the\n\n🦙", Special.TEXT), false));
    }

    @Test
    void whitespaceIsLlamaCpps() {
        Json.Obj golden = Goldens.json("llama-cpp-pre/whitespace.json");
        Metadata metadata = vocabulary("gpt2", golden, id -> id == 3 ? 2 : id < 5 ? 3 : 1);
        metadata.put("tokenizer.ggml.pre", "whitespace");
        metadata.put("tokenizer.ggml.merges", strings(golden.get("merges")).toArray(new String[0]));
        metadata.put("tokenizer.ggml.unknown_token_id", 3L);
        Tokenizer tokenizer = Tokenizers.ofGguf(metadata);
        int[][] ids = ids(golden.get("ids"));
        int[] texts = ids(new Json.Arr().add(golden.get("texts")))[0];
        assertTrue(texts.length > 100, texts.length + " texts");
        for (int i = 0; i < texts.length; i++) {
            assertArrayEquals(ids[i], tokenizer.encode(TEXTS.get(texts[i]), Special.TEXT), TEXTS.get(texts[i]));
            assertEquals(TEXTS.get(texts[i]), tokenizer.decode(ids[i], false));
        }
    }

    @Test
    void wordPiecesAreLlamaCpps() {
        Json.Obj golden = Goldens.json("llama-cpp-pre/bert.json");
        List<String> texts = strings(golden.get("texts"));
        List<Json> choices = ((Json.Arr) golden.get("choices")).items();
        assertEquals(9, choices.size());
        for (Json choice : choices) {
            Metadata metadata = vocabulary("bert", golden, id -> id < 4 ? 3 : 1);
            metadata.put("tokenizer.ggml.unknown_token_id", 1L);
            for (String key : List.of("lowercase", "strip_accents")) {
                if (((Json.Obj) choice).get(key) instanceof Json.Bool value) {
                    metadata.put("tokenizer.ggml.normalizer." + key, value.value());
                }
            }
            int[][] ids = ids(((Json.Obj) choice).get("ids"));
            for (int i = 0; i < ids.length; i++) {
                assertArrayEquals(ids[i], Tokenizers.ofGguf(metadata).encode(texts.get(i), Special.TEXT), texts.get(i) + " " + metadata.values().keySet());
            }
        }
    }

    private static void same(Tokenizer tokenizer, int[][] ids) {
        for (int i = 0; i < ids.length; i++) {
            assertArrayEquals(ids[i], tokenizer.encode(TEXTS.get(i), Special.TEXT), TEXTS.get(i));
        }
    }

    /** A megabyte of one letter, of spaces, of digits, of signs: each pre-tokenizer is linear, or this does not end. */
    @Test
    void longTextsAreCutInLinearTime() {
        Metadata metadata = pairs();
        for (Json group : ((Json.Arr) GOLDEN.get("groups")).items()) {
            PreTokenizer cuts = GgufPreTokenizers.of(strings(((Json.Obj) group).get("names")).get(0));
            for (String unit : List.of("a", " ", "1", "!", "\n", "中", "aA", " a", "\u0301", "IMGIMG", "<sentinel:1", "\t ")) {
                String text = unit.repeat((1 << 20) / unit.length()) + "x ";
                int[] end = {0};
                cuts.split(text, 0, text.length(), true, (piece, from, to, atStart) -> {
                    assertEquals(end[0], from);
                    end[0] = to;
                });
                assertEquals(text.length(), end[0]);
            }
        }
    }
}
