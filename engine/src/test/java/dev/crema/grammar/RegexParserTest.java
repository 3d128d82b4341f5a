package dev.crema.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.CremaException;

import java.util.Random;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegexParserTest {
    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = ';', value = {
        "abc; abc; true", "abc; ab; false", "^abc$; abc; true", "a|bc|d; bc; true", "(?:a|b)+c; abac; true", "(?<year>\\d{4})-\\d\\d; 2026-11; true",
        "[^\\d\\s]+; a1; false", "[\\w.-]+@\\w+\\.com; a.b-c@x.com; true", "a{2,3}?; aaa; true", "a{2,3}; aaaa; false", "a{2,}; a; false", ".*; `x y`; true",
        "`.`; `\n`; false", "[\\u00e0-\\u00ff]+; éà; true", "\\u{1D11E}; 𝄞; true", "\\x41; A; true", "[a-]; -; true", "[a\\]]; ]; true",
        "^a$|^b$; b; true", "\\$\\^\\/; $^/; true", "[^]; x; true", "(); ``; true", "a||b; ``; true", "\\D; 5; false", "\\W; _; false", "[\\b]; `\b`; true"})
    void matches(String regex, String text, boolean matches) {
        assertEquals(matches, new CompiledGrammar(RegexParser.parse(regex)).matches(text));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = ';', value = {
        "a(?=b); character 2: look-ahead", "a(?<!b); character 2: look-ahead", "(a)\\1; character 4: back-references", "\\bword; character 1: word boundaries",
        "a**; character 3: possessive", "*a; nothing before '*'", "(a; character 1: this group is not closed", "a); no group that this ')' ends",
        "[a; character 1: this class is not closed", "[z-a]; ends before it starts", "[\\d-z]; a range needs a character", "a{2,1}; at least 2 and at most 1",
        "a{x}; expected {m}", "a$b; '$' is only supported at the end", "ab^; '^' is only supported at the start", "(^a); not supported within a group",
        "\\p{L}; Unicode properties", "(?i)a; groups that start with '(?i'", "\\q; no escape '\\q'", "\\xg1; hexadecimal digits", "a{100000}; repeats 100000 times"})
    void errors(String regex, String message) {
        var error = assertThrows(CremaException.class, () -> new CompiledGrammar(RegexParser.parse(regex)));
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }

    /** Random expressions say the same as the JDK's of random texts. */
    @Test
    void agreesWithTheJdk() {
        var random = new Random(7);
        int matched = 0;
        for (int i = 0; i < 400; i++) {
            String regex = expression(random, 3);
            var compiled = new CompiledGrammar(RegexParser.parse(regex));
            Pattern pattern = Pattern.compile(regex);
            for (int j = 0; j < 30; j++) {
                String text = text(random);
                boolean expected = pattern.matcher(text).matches();
                matched += expected ? 1 : 0;
                assertEquals(expected, compiled.matches(text), regex + " on " + text);
            }
        }
        assertTrue(matched > 500, "only " + matched + " texts matched");
    }

    private static String expression(Random random, int depth) {
        int kind = random.nextInt(depth == 0 ? 3 : 9);
        return switch (kind) {
            case 0 -> "" + "abc".charAt(random.nextInt(3));
            case 1 -> "[" + (random.nextBoolean() ? "^" : "") + "a" + (random.nextBoolean() ? "-b" : "") + "]";
            case 2 -> random.nextInt(4) == 0 ? "." : "b";
            case 3, 4 -> expression(random, depth - 1) + expression(random, depth - 1);
            case 5 -> "(?:" + expression(random, depth - 1) + "|" + expression(random, depth - 1) + ")";
            case 6 -> "(" + expression(random, depth - 1) + ")" + "*+?".charAt(random.nextInt(3));
            case 7 -> "(?:" + expression(random, depth - 1) + "){" + random.nextInt(3) + "," + (2 + random.nextInt(2)) + "}";
            default -> expression(random, depth - 1) + "|" + expression(random, depth - 1);
        };
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(7); i > 0; i--) {
            text.append("aabbc".charAt(random.nextInt(5)));
        }
        return text.toString();
    }
}
