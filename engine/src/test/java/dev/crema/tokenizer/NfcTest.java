package dev.crema.tokenizer;

import org.junit.jupiter.api.Test;

import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

class NfcTest {
    private static final long SEED = 20_260_101;

    private static void check(String text) {
        String expected = java.text.Normalizer.normalize(text, Form.NFC);
        String found = new Nfc().normalize(text);
        if (!expected.equals(found)) {
            assertEquals(hex(expected), hex(found), () -> "NFC of " + hex(text));
        }
    }

    private static String hex(String text) {
        return text.codePoints().mapToObj(Integer::toHexString).toList().toString();
    }

    @Test
    void eachCodePointAloneAndAfterOthers() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < 0xD800 || c >= 0xE000) {
                check(Character.toString(c));
            }
        }
        for (int c = 0; c < 0x30000; c++) {
            if (Character.isDefined(c) && (c < 0xD800 || c >= 0xF900)) {
                String character = Character.toString(c);
                check("a" + character);
                check("a\u0323" + character + "\u0301");
                check("\u1100" + character + "\u11A8");
            }
        }
    }

    @Test
    void randomSequencesOfWhatChanges() {
        List<Integer> interesting = new ArrayList<>();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            boolean surrogate = c >= 0xD800 && c < 0xE000;
            if (!surrogate && (Character.getType(c) == Character.NON_SPACING_MARK
                    || !java.text.Normalizer.normalize(Character.toString(c), Form.NFD).equals(Character.toString(c)))) {
                interesting.add(c);
            }
        }
        var random = new Random(SEED);
        for (int i = 0; i < 100_000; i++) {
            var text = new StringBuilder();
            for (int k = random.nextInt(12); k >= 0; k--) {
                switch (random.nextInt(5)) {
                    case 0 -> text.appendCodePoint('a' + random.nextInt(26));
                    case 1 -> text.appendCodePoint(0x300 + random.nextInt(0x70));
                    case 2 -> text.appendCodePoint(0x1100 + random.nextInt(0x100));
                    case 3 -> text.append(java.text.Normalizer.normalize(Character.toString(interesting.get(random.nextInt(interesting.size()))),
                        Form.NFD));
                    default -> text.appendCodePoint(interesting.get(random.nextInt(interesting.size())));
                }
            }
            check(text.toString());
        }
    }

    @Test
    void plainTextIsLeftAlone() {
        String text = "Plain text, caf\u00E9.";
        assertSame(text, new Nfc().normalize(text));
    }

    @Test
    void aMillionMarksTakeNoQuadraticTime() {
        for (int n : new int[] {5, 250_000}) {
            String text = "a" + "\u0323\u0301\u0345\u0334".repeat(n);
            // The JDK takes quadratic time for the long one.
            String expected = "\u1EA1" + "\u0334".repeat(n) + "\u0323".repeat(n - 1) + "\u0301".repeat(n) + "\u0345".repeat(n);
            assertEquals(expected, new Nfc().normalize(text));
            if (n < 10) {
                check(text);
            }
        }
    }
}
