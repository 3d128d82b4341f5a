package dev.crema.tokenizer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

/** The scanners against the regular expressions that they stand for, run by the JDK with Unicode's white space. */
class ScannerTest {
    private static final long SEED = 42;
    private static final String[] ATOMS = {"'", "'s", "'S", "'T", "'re", "'rE", "'Ll", "'l", "'\u017F", "a", "B", "zz", "QQ", "Ab", "é", "Ü", "ß",
        "\u01C5", "ʰ", "中", "文字", "ん", "ع", "\u0301", "\u0903", "\u20DD", "0", "12", "345", "½", "Ⅷ", "٣", "𝟙", " ", "  ", "\t", "\n", "\r\n",
        "\u000B", "\u0085", "\u00A0", "\u2003", "\u2028", "\u3000", "\u200B", "\uFEFF", "\u0000", "\u001F", "!", "...", "_", "-", "$", "<|", "/", "~", "`",
        "€", "«", "—", "🦙", "😶‍🌫️", "🇩🇪", "𐐀", "𐐨", "\uE000", "\u0378"};

    @ParameterizedTest
    @ValueSource(strings = {
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
        "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
        "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?"
            + "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?"
            + "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "\\p{N}{1,3}", "\\p{N}+", "\\p{N}", "[0-9][0-9][0-9]", "[0-9]"})
    void scannerIsItsRegularExpression(String regex) {
        Scanner scanner = PreTokenizers.ofRegex(regex);
        assertNotNull(scanner);
        Pattern pattern = Pattern.compile(regex.replace("\\s", "\\p{IsWhite_Space}").replace("\\S", "\\P{IsWhite_Space}").replace("(?i:", "(?iu:"));
        var random = new Random(SEED);
        for (int i = 0; i < 10_000; i++) {
            var text = new StringBuilder();
            for (int k = random.nextInt(10); k >= 0; k--) {
                text.append(ATOMS[random.nextInt(ATOMS.length)]);
            }
            compare(pattern, scanner, text.toString());
        }
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            // Within a run of one category all are alike.
            boolean edge = c < 0x3000 || Character.getType(c) != Character.getType(c - 1) || Character.getType(c) != Character.getType(c + 1);
            if (edge && (c < 0xD800 || c >= 0xE000)) {
                compare(pattern, scanner, "a" + Character.toString(c) + "'S" + Character.toString(c) + " b");
            }
        }
    }

    private static void compare(Pattern pattern, Scanner scanner, String text) {
        List<String> expected = new ArrayList<>();
        int gap = 0;
        for (Matcher matcher = pattern.matcher(text); matcher.find(); gap = matcher.end()) {
            if (matcher.start() > gap) {
                expected.add(text.substring(gap, matcher.start()));
            }
            expected.add(matcher.group());
        }
        if (gap < text.length()) {
            expected.add(text.substring(gap));
        }
        assertEquals(expected, pieces(Split.isolated(scanner), text), () -> "pieces of " + text + " by " + pattern);
    }

    private static List<String> pieces(PreTokenizer preTokenizer, String text) {
        List<String> pieces = new ArrayList<>();
        // The text lies in the middle of another, which the scanner must not look at.
        String around = "x'" + text + "s9 ";
        preTokenizer.split(around, 2, 2 + text.length(), true, (piece, from, to, atStart) -> {
            assertEquals(pieces.isEmpty(), atStart);
            pieces.add(piece.substring(from, to));
        });
        return pieces;
    }

    @Test
    void unknownRegularExpressionsAreNotGuessed() {
        assertNull(PreTokenizers.ofRegex("\\w+"));
    }

    @Test
    void splitBehaviorsAreHuggingFaces() {
        String text = "the-final--countdown";
        Scanner dash = PreTokenizers.literal("-");
        assertEquals(List.of("the", "final", "countdown"), pieces(text, new Split(dash, Split.Behavior.REMOVED, false)));
        assertEquals(List.of("the", "-", "final", "-", "-", "countdown"), pieces(text, new Split(dash, Split.Behavior.ISOLATED, false)));
        assertEquals(List.of("the-", "final-", "-", "countdown"), pieces(text, new Split(dash, Split.Behavior.MERGED_WITH_PREVIOUS, false)));
        assertEquals(List.of("the", "-final", "-", "-countdown"), pieces(text, new Split(dash, Split.Behavior.MERGED_WITH_NEXT, false)));
        assertEquals(List.of("the", "-", "final", "--", "countdown"), pieces(text, new Split(dash, Split.Behavior.CONTIGUOUS, false)));
        assertEquals(List.of("-", "-", "-"), pieces(text, new Split(dash, Split.Behavior.REMOVED, true)));
    }

    private static List<String> pieces(String text, Split split) {
        List<String> pieces = new ArrayList<>();
        split.split(text, 0, text.length(), true, (piece, from, to, atStart) -> pieces.add(piece.substring(from, to)));
        return pieces;
    }

    @Test
    void digitsAndPunctuationAndMetaspace() {
        assertEquals(List.of("a", "1", "2", "½", "b"), pieces(PreTokenizers.digits(true), "a12½b"));
        assertEquals(List.of("a", "12½", "b"), pieces(PreTokenizers.digits(false), "a12½b"));
        assertEquals(List.of("a", "$", "«", "b"), pieces(new Split(PreTokenizers::punctuation, Split.Behavior.ISOLATED, false), "a$«b"));
        var always = new PreTokenizer.Metaspace('▁', PreTokenizer.Metaspace.Prepend.ALWAYS, true);
        assertEquals(List.of("▁Hey", "▁my", "▁", "▁friend"), pieces(always, "Hey my  friend"));
        assertEquals(List.of("▁Hey"), pieces(always, " Hey"));
        assertEquals(List.of("Hey▁you"), pieces(new PreTokenizer.Metaspace('▁', PreTokenizer.Metaspace.Prepend.NEVER, false), "Hey you"));
    }
}
