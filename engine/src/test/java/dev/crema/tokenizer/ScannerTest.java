package dev.crema.tokenizer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;
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
        "\u01C5", "ʰ", "中", "文字", "ん", "ع", "\u0301", "\u0903", "\u20DD", "0", "12", "345", "1234567", "½", "Ⅷ", "٣", "𝟙", " ", "  ", "\t", "\n", "\r\n",
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
        "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}+| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
        "\\s?\\p{L}+",
        "\\s?\\p{P}+",
        "[\r\n]",
        " ?[^(\\s|[.,!?…。，、।۔،])]+",
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

    /** GGUF names pre-tokenizers by name; these are the patterns of the models that the names stand for, one after the other. */
    @ParameterizedTest
    @CsvSource(delimiterString = "  ", quoteCharacter = '\u0001', value = {
        "qwen35  (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "seed-coder  (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "ufakzeka  [^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "exaone-moe  (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
        "jais-2  (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)|\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}",
        "kimi-k2  [\\p{IsHan}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{IsHan}]]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{IsHan}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{IsHan}]]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{IsHan}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "tiny_aya  \\p{Nd}{1,3}(?=(?:\\p{Nd}{3})*(?![\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}]))  [^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "deepseek-v3  \\p{N}{1,3}  [一-龥\u3040-ゟ゠-ヿ]+  [!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "spark2_5  \\p{N}{1,3}  [一-龥\u3040-ゟ゠-ヿ]+  [!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+|[\\r\\n]|\\s+(?!\\S)|\\s+  \\p{N}",
        "afmoe  \\p{N}{1,3}(?=(?:\\p{N}{3})*(?!\\p{N}))  [\\x{E40}-\\x{EFF}\\x{1000}-\\x{109F}\\x{1100}-\\x{11FF}\\x{1780}-\\x{17FF}\\x{2F00}-\\x{2FDF}\\x{3040}-\\x{30FF}\\x{3400}-\\x{4DBF}\\x{4E00}-\\x{9FFF}\\x{A9E0}-\\x{A9FF}\\x{AA60}-\\x{AA7F}\\x{AC00}-\\x{D7AF}\\x{F900}-\\x{FAFF}\\x{FF65}-\\x{FF9F}]+  [!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "deepseek-coder  [\\r\\n]  \\s?\\p{L}+  \\s?\\p{P}+  [一-龥\u0800-一가-\uD7FF]+  \\p{N}",
        "viking  [ ]?[^(\\s|.,!?…。，、।۔،)]+  \\p{N}",
        "bloom  [ ]?[^(\\s|.,!?…。，、।۔،)]+"
    })
    void aNameStandsForItsPatterns(ArgumentsAccessor row) {
        var random = new Random(SEED);
        PreTokenizer named = GgufPreTokenizers.of(row.getString(0));
        List<Pattern> patterns = new ArrayList<>();
        for (int i = 1; i < row.size(); i++) {
            patterns.add(Pattern.compile(row.getString(i).replace("\\s", "\\p{IsWhite_Space}").replace("\\S", "\\P{IsWhite_Space}").replace("(?i:", "(?iu:")));
        }
        for (int i = 0; i < 10_000; i++) {
            var text = new StringBuilder();
            for (int k = random.nextInt(10); k >= 0; k--) {
                text.append(random.nextInt(8) == 0 ? "        ".substring(random.nextInt(7)) : ATOMS[random.nextInt(ATOMS.length)]);
            }
            List<String> expected = List.of(text.toString());
            for (Pattern pattern : patterns) {
                expected = expected.stream().flatMap(piece -> cut(pattern, piece).stream()).toList();
            }
            assertEquals(expected, pieces(named, text.toString()), text::toString);
        }
    }

    private static List<String> cut(Pattern pattern, String text) {
        List<String> pieces = new ArrayList<>();
        int gap = 0;
        for (Matcher matcher = pattern.matcher(text); matcher.find(); gap = matcher.end()) {
            if (matcher.start() > gap) {
                pieces.add(text.substring(gap, matcher.start()));
            }
            pieces.add(matcher.group());
        }
        if (gap < text.length()) {
            pieces.add(text.substring(gap));
        }
        return pieces;
    }

    @Test
    void hanCharactersAreUnicodes() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            // The JDK may know an older Unicode than the table.
            if (Character.isDefined(c)) {
                assertEquals(Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN, CodePoints.HAN.has(c), Integer.toHexString(c));
            }
        }
    }

    private static void compare(Pattern pattern, Scanner scanner, String text) {
        assertEquals(cut(pattern, text), pieces(Split.isolated(scanner), text), () -> "pieces of " + text + " by " + pattern);
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
