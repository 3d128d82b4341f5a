package dev.crema.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.CremaException;
import dev.crema.checkpoint.Metadata;
import dev.crema.checkpoint.VocabularyFile;
import dev.crema.tokenizer.Tokenizer.Special;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** RWKV's tokenizer from its text file and from GGUF, held against the longest match by its definition. */
class RwkvTest {
    private static final long SEED = 11;
    private static final String NAME = "rwkv_vocab_v20230424.txt";
    private static final String[] WORDS = {"th", "the", "the ", " the", "aa", "aaaa", "\n\n", "\t\t", "'s", "\"", "é", "Ü", "中", "中文", "🦙", "🦙a", "\\n", "don't", "e\u0301", "x\ty"};
    /** The first bytes of characters, alone: tokens may cut characters. */
    private static final byte[][] PARTS = {{(byte) 0xF0, (byte) 0x9F}, {(byte) 0xE4, (byte) 0xB8}, {(byte) 0x9F, (byte) 0xA6}};

    private static List<byte[]> tokens() {
        List<byte[]> tokens = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            tokens.add(new byte[] {(byte) b});
        }
        tokens.addAll(List.of(PARTS));
        for (String word : WORDS) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            if (bytes.length > 1) {
                tokens.add(bytes);
            }
        }
        return tokens;
    }

    /** As Python's repr writes it: text where it is some, else bytes. */
    private static String literal(byte[] token) {
        String text = new String(token, StandardCharsets.UTF_8);
        boolean isText = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), token) && token.length > 1;
        var out = new StringBuilder(isText ? "" : "b");
        char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
        out.append(quote);
        if (isText) {
            text.codePoints().forEach(c -> out.append(c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\\' ? "\\\\" : c == quote ? "\\" + quote
                : c == 0x301 ? "\\u0301" : c == 0x1F999 ? "\\U0001f999" : c == 0xDC ? "\\xdc" : Character.toString(c)));
        } else {
            for (byte b : token) {
                out.append(b == '\n' ? "\\n" : b == '\\' ? "\\\\" : b == quote ? "\\" + quote : b >= ' ' && b < 0x7F ? String.valueOf((char) b)
                    : "\\x" + String.format("%02x", b));
            }
        }
        return out.append(quote).toString();
    }

    private static String file() {
        var lines = new StringBuilder();
        List<byte[]> tokens = tokens();
        for (int i = 0; i < tokens.size(); i++) {
            lines.append(i + 1).append(' ').append(literal(tokens.get(i))).append(' ').append(tokens.get(i).length).append(i % 2 == 0 ? "\n" : "\r\n");
        }
        return lines.toString();
    }

    private static Tokenizer ofFile(String lines) {
        return Tokenizers.ofFile(new VocabularyFile(NAME, lines.getBytes(StandardCharsets.UTF_8)), null);
    }

    private static Tokenizer ofGguf() {
        List<byte[]> tokens = tokens();
        String[] spelled = new String[tokens.size() + 1];
        int[] types = new int[spelled.length];
        Arrays.fill(types, 1);
        spelled[0] = "<s>";
        types[0] = 3;
        for (int i = 0; i < tokens.size(); i++) {
            var escaped = new StringBuilder();
            for (byte b : tokens.get(i)) {
                escaped.append(b == '\n' ? "\\n" : b == '\t' ? "\\t" : b == '\\' ? "\\\\" : b == '\'' ? "\\'" : b >= ' ' && b < 0x7F ? String.valueOf((char) b)
                    : "\\x" + String.format("%02x", b));
            }
            spelled[i + 1] = escaped.toString();
        }
        var metadata = new Metadata();
        metadata.put("tokenizer.ggml.model", "rwkv");
        metadata.put("tokenizer.ggml.tokens", spelled);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.eos_token_id", 0L);
        return Tokenizers.ofGguf(metadata);
    }

    private static int[] longestMatches(byte[] text) {
        List<byte[]> tokens = tokens();
        List<Integer> ids = new ArrayList<>();
        for (int at = 0; at < text.length;) {
            int best = -1;
            for (int i = 0; i < tokens.size(); i++) {
                byte[] token = tokens.get(i);
                boolean fits = at + token.length <= text.length && Arrays.equals(token, Arrays.copyOfRange(text, at, at + token.length));
                best = fits && (best < 0 || token.length > tokens.get(best).length) ? i : best;
            }
            ids.add(best + 1);
            at += tokens.get(best).length;
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    @Test
    void theLongestTokenIsTaken() {
        Tokenizer file = ofFile(file());
        Tokenizer gguf = ofGguf();
        var random = new Random(SEED);
        for (int i = 0; i < 500; i++) {
            var text = new StringBuilder();
            for (int k = random.nextInt(12); k > 0; k--) {
                text.append(random.nextInt(3) == 0 ? Character.toString(random.nextInt(0x500)) : WORDS[random.nextInt(WORDS.length)]);
            }
            String whole = text.toString();
            int[] expected = longestMatches(whole.getBytes(StandardCharsets.UTF_8));
            assertArrayEquals(expected, file.encode(whole, Special.PARSE), whole);
            assertArrayEquals(expected, gguf.encode(whole, Special.TEXT), whole);
            assertEquals(whole, file.decode(expected, false));
            assertEquals(whole, gguf.decode(expected, false));
        }
        assertEquals(1 << 18, file.encode("a".repeat(1 << 20), Special.TEXT).length);
    }

    @Test
    void theEndTokenIsTheIdZero() {
        Tokenizer tokenizer = ofFile(file());
        assertEquals(0, tokenizer.eos());
        assertTrue(tokenizer.isSpecial(0));
        assertEquals(0, tokenizer.encode("<|rwkv_tokenizer_end_of_text|>", Special.PARSE)[0]);
        assertEquals(0, ofGguf().encode("<s>", Special.PARSE)[0]);
        var bytes = new ByteArrayOutputStream();
        for (int id : tokenizer.encode("🦙", Special.TEXT)) {
            bytes.writeBytes(tokenizer.bytes(id));
        }
        assertEquals("🦙", bytes.toString(StandardCharsets.UTF_8));
    }

    @Test
    void damagedLinesAreNamed() {
        for (String line : List.of("1 'ab' 3", "1 'a 1", "x 'a' 1", "1 'a'", "0 'a' 1", "-1 'a' 1", "99999999 'a' 1", "9999999999999999999 'a' 1", "1 '\\x4' 1", "1 b'\\xzz' 1",
                "1 '\\U99999999' 4", "1 '' 0", "1", "1 a 1", "1 'a\\' 1")) {
            String message = assertThrows(CremaException.class, () -> ofFile("2 'b' 1\n" + line), line).getMessage();
            assertTrue(message.contains(NAME + ", line 2"), message);
        }
        assertTrue(assertThrows(CremaException.class, () -> ofFile("1 'a' 1\n1 'b' 1")).getMessage().contains("the id 1 is there a second time"));
        assertTrue(assertThrows(CremaException.class, () -> ofFile("1 'a' 1")).getMessage().contains("neither a token of byte 0"));
    }
}
