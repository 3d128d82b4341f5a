package dev.crema.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.CremaException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GbnfParserTest {
    private static final String ARITHMETIC = """
        # sums of products
        root  ::= sum
        sum   ::= term ([-+] term)*   # left to right
        term  ::= factor ("*" factor)*
        factor ::= number
            | "(" sum ")"
        number ::= [0-9]+ ("." [0-9]{1,2})?
        """;

    private static boolean matches(String grammar, String text) {
        Grammar parsed = GbnfParser.parse(grammar);
        boolean matches = new CompiledGrammar(parsed).matches(text);
        String printed = parsed.toString();
        assertEquals(printed, GbnfParser.parse(printed).toString(), "printed and read again");
        assertEquals(matches, new CompiledGrammar(GbnfParser.parse(printed)).matches(text), printed);
        return matches;
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {"1+2,true", "(1-2.25)*((3)),true", "1+,false", "(1,false", "1.234,false", "``,false", "1)),false"})
    void arithmetic(String text, boolean matches) {
        assertEquals(matches, matches(ARITHMETIC, text));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = ';', value = {
        "`\"a\"*`; aaa; true", "`\"a\"+`; ``; false", "`\"a\"?\"b\"`; b; true", "`\"a\"{3}`; aaa; true", "`\"a\"{3}`; aa; false",
        "`\"a\"{2,}`; aaaa; true", "`\"a\"{2,}`; a; false", "`\"a\"{1,3}`; aaa; true", "`\"a\"{1,3}`; aaaa; false", "`\"a\"{0,0} \"b\"`; b; true",
        "`[^a-c]`; d; true", "`[^a-c]`; b; false", "`[a\\-z]`; -; true", "`[a\\-z]`; m; false", "`[a-]`; -; true", "`[\\]]`; ]; true",
        "`.`; 𝄞; true", "`.`; ab; false", "`\"\\x41\\u00e9\\U0001D11E\"`; Aé𝄞; true", "`[α-ω]+`; λογος; true", "`[α-ω]+`; λογoς; false",
        "`[^x]`; 日; true", "`\"a\" | \"b\" \"c\" | `; ``; true", "`\"a\" | \"b\" \"c\"`; bc; true", "`(\"a\" | \"b\")* \"c\"`; abbac; true",
        "`((\"a\"*)*)* \"b\"`; aab; true", "`(\"a\"? \"b\"?){2,3}`; abab; true", "`(\"a\"? \"b\"?){2,3}`; ababab; true", "`(\"a\"? \"b\"?){2,3}`; abababa; false",
        "`\"tab\\tquote\\\"\"`; `tab\tquote\"`; true", "`[\\n\\r\\t ]{2}`; `\n\t`; true", "`[\\x80-\\u07ff]`; ߿; true", "`[\\u0800-\\uffff]`; ߿; false",
        "`[\\u0800-\\uffff]`; ￿; true", "`\"a\" (\"b\" \"c\"+)? # comment`; abcc; true"})
    void expressions(String expression, String text, boolean matches) {
        assertEquals(matches, matches("root ::= " + expression, text));
    }

    @Test
    void recursionAtTheEndNeedsNoStack() {
        var grammar = new CompiledGrammar(GbnfParser.parse("root ::= [a-z] root | \".\""));
        assertTrue(grammar.matches("x".repeat(20_000) + "."));
    }

    @Test
    void recursionInTheMiddleIsCounted() {
        var grammar = new CompiledGrammar(GbnfParser.parse("root ::= \"(\" root \")\" | \"\""));
        assertTrue(grammar.matches("(".repeat(5000) + ")".repeat(5000)));
        assertFalse(grammar.matches("(".repeat(5000) + ")".repeat(4999)));
        assertFalse(grammar.begins("(".repeat(50) + ")".repeat(51)));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = ';', value = {
        "``; no rule 'root'", "`rot ::= \"a\"`; no rule 'root'", "`root ::= b`; line 1, column 10: there is no rule 'b'", "`root = \"a\"`; expected '::='",
        "`root ::= \"a`; expected '\"' before the end", "`root ::= [a`; expected ']'", "`root ::= (\"a\"`; expected ')'",
        "`root ::= \"a\" )`; expected the end of the rule", "`root ::= * \"a\"`; nothing before '*'", "`root ::= \"a\"{`; number of repetitions",
        "`root ::= \"a\"{3,2}`; at least 3 and at most 2", "`root ::= \"a\"{99999999999}`; repeats 2147483647 times", "`root ::= \"\\q\"`; no escape '\\q'",
        "`root ::= \"\\x4\"`; expected 2 hexadecimal digits", "`root ::= \"\\ud800\"`; no character 55296", "`root ::= [b-a]`; ends before it starts",
        "`root ::= <[5]>`; token references", "`root ::= root \"a\" | \"b\"`; left-recursive: the rule 'root'",
        "`root ::= a \"x\" | \"z\"\na ::= \"y\"? root`; left-recursive", "`root ::= \"a\" root`; No text matches",
        "`root ::= \"a\"\nroot ::= \"b\"`; line 2, column 1: the rule 'root' is there twice"})
    void errors(String grammar, String message) {
        var error = assertThrows(CremaException.class, () -> new CompiledGrammar(GbnfParser.parse(grammar)));
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }

    @Test
    void hostileGrammarsAreRefused() {
        refused("root ::= " + "(".repeat(1000) + "\"a\"" + ")".repeat(1000), "groups within one another");
        refused("root ::= (((\"ab\"{9999}){9999}){9999}){9999}", null);
        refused("root ::= " + "[α-ω日x]".repeat(200_000), "too large");
        var ambiguous = new CompiledGrammar(GbnfParser.parse("root ::= (\"a\"? \"a\"? \"a\"? root2){0,2000}\nroot2 ::= \"a\"? root3 \"a\"?\nroot3 ::= \"a\"{0,3000}"));
        var error = assertThrows(CremaException.class, () -> ambiguous.begins("a".repeat(3000)));
        assertTrue(error.getMessage().contains("too complex"), error.getMessage());
    }

    @Test
    void longChainsOfRulesAreNoTrouble() {
        var down = new StringBuilder("root ::= r0\n");
        var wide = new StringBuilder("root ::= ");
        for (int i = 0; i < 4000; i++) {
            down.append("r").append(i).append(" ::= ").append(i == 3999 ? "\"x\"" : "r" + (i + 1)).append("\n");
            wide.append(i == 0 ? "w" : " | w");
        }
        assertTrue(new CompiledGrammar(GbnfParser.parse(down.toString())).matches("x"));
        assertTrue(new CompiledGrammar(GbnfParser.parse(wide + "\nw ::= \"x\"")).matches("x"));
    }

    /** Refused while it is read or compiled, or else it has to be small. */
    private static void refused(String grammar, String message) {
        if (message == null) {
            assertTrue(new CompiledGrammar(GbnfParser.parse(grammar)).begins("abab"));
            return;
        }
        var error = assertThrows(CremaException.class, () -> new CompiledGrammar(GbnfParser.parse(grammar)));
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }
}
