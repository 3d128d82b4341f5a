package dev.crema.tokenizer;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

class Utf8Test {
    private static final long SEED = 7;

    /** What the JDK makes of the bytes; it takes an encoded surrogate for one error where WHATWG counts each byte. */
    static String decode(byte[] bytes) {
        var text = new StringBuilder();
        int from = 0;
        for (int i = 0; i + 1 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xED && (bytes[i + 1] & 0xE0) == 0xA0) {
                // Neither byte can be part of a character.
                text.append(new String(bytes, from, i - from, StandardCharsets.UTF_8)).append("\uFFFD\uFFFD");
                from = i + 2;
            }
        }
        return text.append(new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8)).toString();
    }

    @Test
    void decodesAnyBytesHoweverTheyAreCut() {
        byte[] edges = {0, 0x41, 0x7F, (byte) 0x80, (byte) 0x8F, (byte) 0x90, (byte) 0x9F, (byte) 0xA0, (byte) 0xBF, (byte) 0xC0, (byte) 0xC2,
            (byte) 0xDF, (byte) 0xE0, (byte) 0xE2, (byte) 0xED, (byte) 0xEF, (byte) 0xF0, (byte) 0xF1, (byte) 0xF4, (byte) 0xF5, (byte) 0xFF};
        var random = new Random(SEED);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[random.nextInt(9)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = edges[random.nextInt(edges.length)];
            }
            var text = new StringBuilder();
            var utf8 = new Utf8();
            int cut = random.nextInt(bytes.length + 1);
            utf8.decode(bytes, 0, cut, text);
            utf8.decode(bytes, cut, bytes.length, text);
            utf8.flush(text);
            assertEquals(decode(bytes), text.toString(), () -> HexFormat.of().formatHex(bytes));
        }
    }

    /** The examples of the Unicode standard, chapter 3, tables 3-8 to 3-11. */
    @Test
    void decodesTheExamplesOfTheStandard() {
        String[][] examples = {{"C0AFE080BFF0818241", "\uFFFD".repeat(8) + "A"}, {"EDA080EDBFBFEDAF41", "\uFFFD".repeat(8) + "A"},
            {"F4919293FF4180BF42", "\uFFFD".repeat(5) + "A\uFFFD\uFFFDB"}, {"E180E2F09192F1BF41", "\uFFFD".repeat(4) + "A"}};
        for (String[] example : examples) {
            var text = new StringBuilder();
            var utf8 = new Utf8();
            for (byte b : HexFormat.of().parseHex(example[0])) {
                utf8.decode(new byte[] {b}, 0, 1, text);
            }
            assertEquals(example[1], text.toString(), example[0]);
        }
    }

    @Test
    void encodesEachCodePoint() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String text = "a" + Character.toString(c) + "b";
            String expected = c >= 0xD800 && c < 0xE000 ? "a\uFFFDb" : text;
            assertArrayEquals(expected.getBytes(StandardCharsets.UTF_8), Utf8.encode(text));
            assertEquals(expected, Utf8.wellFormed(text));
        }
    }

    @Test
    void halvesOfCharactersBecomeReplacements() {
        String text = "\uDE00\uD83D\uD83D\uDE00\uD83D";
        assertEquals("\uFFFD\uFFFD\uD83D\uDE00\uFFFD", Utf8.wellFormed(text));
        assertArrayEquals(Utf8.encode(Utf8.wellFormed(text)), Utf8.encode(text));
    }
}
