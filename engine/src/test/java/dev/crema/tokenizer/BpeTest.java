package dev.crema.tokenizer;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

class BpeTest {
    private static final long SEED = 3;

    /** The definition: look at all pairs, merge the best one, leftmost first, begin again. */
    private static int[] naive(Vocabulary vocabulary, Map<String, Integer> ranks, String text) {
        List<String> symbols = new ArrayList<>();
        for (int i = 0; i < text.length(); i++) {
            symbols.add(text.substring(i, i + 1));
        }
        while (true) {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                int rank = ranks.getOrDefault(symbols.get(i) + " " + symbols.get(i + 1), Integer.MAX_VALUE);
                if (rank < bestRank) {
                    bestRank = rank;
                    best = i;
                }
            }
            if (best < 0) {
                return symbols.stream().mapToInt(vocabulary::id).toArray();
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
    }

    @Test
    void mergesAsTheDefinitionSays() {
        var random = new Random(SEED);
        for (int round = 0; round < 300; round++) {
            List<String> tokens = new ArrayList<>(List.of("a", "b", "c"));
            Map<String, Integer> ranks = new HashMap<>();
            List<String[]> merges = new ArrayList<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                String left = tokens.get(random.nextInt(tokens.size()));
                String right = tokens.get(random.nextInt(tokens.size()));
                if (ranks.putIfAbsent(left + " " + right, merges.size()) == null) {
                    merges.add(new String[] {left, right});
                    if (!tokens.contains(left + right)) {
                        tokens.add(left + right);
                    }
                }
            }
            byte[] kinds = new byte[tokens.size()];
            java.util.Arrays.fill(kinds, Vocabulary.NORMAL);
            var vocabulary = new Vocabulary(tokens.toArray(new String[0]), kinds);
            var table = new LongIntMap(merges.size());
            int[] merged = new int[merges.size()];
            for (int i = 0; i < merged.length; i++) {
                new Merges(vocabulary, "merges", table, merged).add(i, merges.get(i)[0], merges.get(i)[1]);
            }
            var bpe = new Bpe(vocabulary, table, merged, new Bpe.Options(false, false, false, -1, false));
            for (int i = 0; i < 40; i++) {
                var text = new StringBuilder();
                for (int k = random.nextInt(60); k >= 0; k--) {
                    text.append((char) ('a' + random.nextInt(3)));
                }
                var out = new IntList(8);
                bpe.encode(text.toString(), 0, text.length(), new Merger(), out);
                assertArrayEquals(naive(vocabulary, ranks, text.toString()), out.toArray(), () -> "seed " + SEED + ": " + text);
            }
        }
    }

    @Test
    void aMegabyteOfOneLetterIsMergedInOnePiece() {
        for (Tokenizer tokenizer : List.of(TinyTokenizers.byteLevel(), TinyTokenizers.sentencePiece(),
                Tokenizers.ofGguf(TinyTokenizers.sentencePieceGguf()))) {
            String text = "a".repeat(1 << 20);
            int[] ids = tokenizer.encode(text, Tokenizer.Special.TEXT);
            assertEquals(text, tokenizer.decode(ids, true));
            assertEquals(tokenizer.id("aaaa"), ids[ids.length / 2]);
            assertEquals((1 << 18) + tokenizer.leadingSpaces(), ids.length);
        }
    }

    @Test
    void unknownCharactersAreFusedOrFallBackToBytes() {
        Tokenizer fallback = TinyTokenizers.sentencePiece();
        assertArrayEquals(new int[] {fallback.id("▁"), 3 + 0xF0, 3 + 0x9F, 3 + 0xA6, 3 + 0x99}, fallback.encode("🦙", Tokenizer.Special.TEXT));
        var json = TinyTokenizers.sentencePieceJson();
        ((dev.crema.json.Json.Obj) json.get("model")).put("byte_fallback", false);
        Tokenizer fused = Tokenizers.ofHuggingFace(json, null);
        assertArrayEquals(new int[] {fused.id("▁"), 0, fused.id("h")}, fused.encode("🦙🦙h", Tokenizer.Special.TEXT));
        ((dev.crema.json.Json.Obj) json.get("model")).put("fuse_unk", false);
        assertArrayEquals(new int[] {fused.id("▁"), 0, 0, fused.id("h")},
            Tokenizers.ofHuggingFace(json, null).encode("🦙🦙h", Tokenizer.Special.TEXT));
    }

    @Test
    void mergesMayBeIgnoredForWholePieces() {
        var json = TinyTokenizers.byteLevelJson();
        var model = (dev.crema.json.Json.Obj) json.get("model");
        ((dev.crema.json.Json.Obj) model.get("vocab")).put("abc", 268);
        assertArrayEquals(new int[] {'a', 'b', 'c'}, bytes(Tokenizers.ofHuggingFace(json, null), "abc"));
        model.put("ignore_merges", true);
        assertArrayEquals(new int[] {268}, Tokenizers.ofHuggingFace(json, null).encode("abc", Tokenizer.Special.TEXT));
    }

    private static int[] bytes(Tokenizer tokenizer, String text) {
        return tokenizer.encode(text, Tokenizer.Special.TEXT);
    }
}
