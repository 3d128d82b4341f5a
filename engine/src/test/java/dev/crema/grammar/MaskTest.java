package dev.crema.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.CremaException;
import dev.crema.json.JsonParser;
import dev.crema.sampling.TokenMask;
import dev.crema.tokenizer.Tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.Test;

/** Masks of whole vocabularies, held against each token tried by itself. */
class MaskTest {
    /** Any tokens; the ids from {@code special} on are control tokens. */
    private record Tokens(List<byte[]> all, int special, int leadingSpaces) implements Tokenizer {
        @Override
        public int[] encode(String text, Special kind) {
            throw new UnsupportedOperationException();
        }

        @Override
        public byte[] bytes(int id) {
            return all.get(id);
        }

        @Override
        public boolean isSpecial(int id) {
            return id >= special;
        }

        @Override
        public String decode(int[] ids, boolean withSpecial) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int id(String token) {
            return -1;
        }

        @Override
        public String token(int id) {
            return new String(all.get(id), StandardCharsets.UTF_8);
        }

        @Override
        public int vocabSize() {
            return all.size();
        }

        @Override
        public int bos() {
            return -1;
        }

        @Override
        public int eos() {
            return -1;
        }

        @Override
        public boolean addsBos() {
            return false;
        }
    }

    private static final String[] WORDS = {"a", "b", "ab", "aba", "bb", " ", "  ", " a", "\"", "\"a\"", "{", "}", "{\"", "\":", "\": ", ",", ", \"", "1", "12", "-",
        "0", ".5", "true", "null", "é", "日", "日本", "a日", "\n", "[", "]", "[]", "]}", "\\", "\\n", "", "ab"};
    private static final String[] GRAMMARS = {"root ::= \"ab\"* \"a\"", "root ::= \"\\\"\" [^\"]* \"\\\"\"", "root ::= [é-日]+ | \"a\" root", "root ::= \"[\" root? \"]\"",
        "root ::= (\"a\" | \"ab\") (\"b\" | \"bb\")? \" \"{0,2}", "root ::= .{1,3}"};

    private static Tokens vocabulary(int leadingSpaces) {
        List<byte[]> all = new ArrayList<>();
        for (String word : WORDS) {
            all.add(word.getBytes(StandardCharsets.UTF_8));
        }
        for (int b = 0x80; b < 0x100; b += 3) {
            all.add(new byte[] {(byte) b});
        }
        all.add(new byte[] {(byte) 0xE6, (byte) 0x97});
        all.add(new byte[] {(byte) 0xA5, 'a'});
        int special = all.size();
        all.add("ab".getBytes(StandardCharsets.UTF_8));
        all.add("<end>".getBytes(StandardCharsets.UTF_8));
        return new Tokens(all, special, leadingSpaces);
    }

    private static List<CompiledGrammar> grammars() {
        List<CompiledGrammar> grammars = new ArrayList<>();
        for (String grammar : GRAMMARS) {
            grammars.add(new CompiledGrammar(GbnfParser.parse(grammar)));
        }
        grammars.add(new CompiledGrammar(JsonRules.anyObject()));
        grammars.add(new CompiledGrammar(JsonSchema.parse(JsonParser.parse("{\"properties\":{\"a\":{\"type\":\"number\"},\"ab\":{\"enum\":[true,\"a\"]}}}"))));
        return grammars;
    }

    @Test
    void aMaskAllowsWhatMayFollowAndNothingElse() {
        var random = new Random(11);
        int allowed = 0;
        for (int leadingSpaces : new int[] {0, 1}) {
            Tokens tokens = vocabulary(leadingSpaces);
            int end = tokens.vocabSize() - 1;
            var trie = new TokenTrie(tokens, tokens.vocabSize(), new int[] {end}, Set.of());
            for (CompiledGrammar grammar : grammars()) {
                for (int text = 0; text < 12; text++) {
                    var constraint = new GrammarConstraint(grammar, tokens, trie, leadingSpaces);
                    allowed += walk(constraint, grammar, tokens, end, random);
                }
            }
        }
        assertTrue(allowed > 2000, "only " + allowed + " tokens were allowed");
    }

    /** Goes on with random allowed tokens; gives how many were allowed in all. */
    private static int walk(GrammarConstraint constraint, CompiledGrammar grammar, Tokens tokens, int end, Random random) {
        int[] reply = {};
        int all = 0;
        for (int step = 0; step < 8; step++) {
            TokenMask mask;
            try {
                mask = constraint.next(reply);
            } catch (CremaException deadEnd) {
                assertTrue(deadEnd.getMessage().contains("No token of the model's vocabulary"), deadEnd.getMessage());
                return all;
            }
            List<Integer> may = new ArrayList<>();
            for (int id = 0; id < tokens.vocabSize(); id++) {
                assertEquals(expected(reply, id, grammar, tokens, end), mask.allows(id), "token " + id + " after " + Arrays.toString(reply));
                if (mask.allows(id) && id != end) {
                    may.add(id);
                }
            }
            all += may.size();
            assertEquals(may.isEmpty(), constraint.ends(reply));
            if (may.isEmpty()) {
                return all;
            }
            reply = Arrays.copyOf(reply, step + 1);
            reply[step] = may.get(random.nextInt(may.size()));
        }
        return all;
    }

    private static boolean expected(int[] reply, int id, CompiledGrammar grammar, Tokens tokens, int end) {
        var bytes = new ByteArrayOutputStream();
        for (int known : reply) {
            bytes.writeBytes(tokens.bytes(known));
        }
        if (id == end) {
            return grammar.table().isAccepting(shown(bytes, tokens));
        }
        bytes.writeBytes(tokens.bytes(id));
        return !tokens.isSpecial(id) && tokens.bytes(id).length > 0 && grammar.table().isAlive(shown(bytes, tokens));
    }

    private static byte[] shown(ByteArrayOutputStream bytes, Tokens tokens) {
        byte[] all = bytes.toByteArray();
        return tokens.leadingSpaces > 0 && all.length > 0 && all[0] == ' ' ? Arrays.copyOfRange(all, 1, all.length) : all;
    }

    @Test
    void specialTokensThatAreShownStandForTheirText() {
        Tokens tokens = vocabulary(0);
        int mark = tokens.vocabSize() - 2;
        var trie = new TokenTrie(tokens, tokens.vocabSize(), new int[] {tokens.vocabSize() - 1}, Set.of(mark));
        var constraint = new GrammarConstraint(new CompiledGrammar(GbnfParser.parse("root ::= \"aba\"")), tokens, trie, 0);
        assertTrue(constraint.next(new int[0]).allows(mark));
        assertTrue(constraint.next(new int[] {mark}).allows(0));
        assertFalse(constraint.next(new int[] {mark}).allows(1));
    }

    @Test
    void aReplyThatIsTakenBackIsReadAgain() {
        Tokens tokens = vocabulary(0);
        var trie = new TokenTrie(tokens, tokens.vocabSize(), new int[] {tokens.vocabSize() - 1}, Set.of());
        var constraint = new GrammarConstraint(new CompiledGrammar(GbnfParser.parse("root ::= \"ab\" | \"ba\"")), tokens, trie, 0);
        assertTrue(constraint.next(new int[] {0}).allows(1));
        assertTrue(constraint.next(new int[] {1}).allows(0));
        assertFalse(constraint.next(new int[] {1}).allows(1));
        assertTrue(constraint.ends(new int[] {1, 0}));
        assertFalse(constraint.ends(new int[] {}));
    }

    @Test
    void tablesThatHaveGrownAreDroppedAndTextsGoOn() {
        Tokens tokens = vocabulary(0);
        var trie = new TokenTrie(tokens, tokens.vocabSize(), new int[] {tokens.vocabSize() - 1}, Set.of());
        var grammar = new CompiledGrammar(GbnfParser.parse("root ::= \"[\" root? \"]\""));
        var constraint = new GrammarConstraint(grammar, tokens, trie, 0);
        int open = Arrays.asList(WORDS).indexOf("[");
        int close = Arrays.asList(WORDS).indexOf("]");
        int[] reply = new int[2 * Bounds.KEPT_MASKS];
        for (int i = 0; i < reply.length; i++) {
            reply[i] = i < Bounds.KEPT_MASKS ? open : close;
            assertTrue(constraint.next(Arrays.copyOf(reply, i)).allows(reply[i]), "bracket " + i);
        }
        assertTrue(constraint.ends(reply));
        assertThrows(IllegalArgumentException.class, () -> TokenMask.allowing(4));
    }
}
