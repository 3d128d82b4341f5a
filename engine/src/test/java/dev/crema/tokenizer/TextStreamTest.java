package dev.crema.tokenizer;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

class TextStreamTest {
    private static final long SEED = 11;

    /** What the tokens mean, put together in the plainest way: all bytes, one leading space less, decoded. */
    private static String whole(Tokenizer tokenizer, int[] ids, boolean withSpecial) {
        var bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            if (withSpecial || !tokenizer.isSpecial(id)) {
                bytes.writeBytes(tokenizer.bytes(id));
            }
        }
        String text = Utf8Test.decode(bytes.toByteArray());
        for (int i = 0; i < tokenizer.leadingSpaces() && text.startsWith(" "); i++) {
            text = text.substring(1);
        }
        return text;
    }

    @Test
    void piecesPutTogetherAreTheWholeText() {
        var random = new Random(SEED);
        for (Tokenizer tokenizer : List.of(TinyTokenizers.byteLevel(), TinyTokenizers.sentencePiece(),
                Tokenizers.ofGguf(TinyTokenizers.sentencePieceGguf()))) {
            for (int i = 0; i < 20_000; i++) {
                int[] ids = random.ints(random.nextInt(12), -1, tokenizer.vocabSize() + 1).toArray();
                boolean withSpecial = random.nextBoolean();
                var stream = new TextStream(tokenizer, withSpecial);
                var text = new StringBuilder();
                for (int id : ids) {
                    String part = stream.append(id);
                    assertFalse(!part.isEmpty() && Character.isHighSurrogate(part.charAt(part.length() - 1)), "half a character");
                    text.append(part);
                }
                text.append(stream.flush());
                assertEquals(whole(tokenizer, ids, withSpecial), text.toString());
                assertEquals(text.toString(), tokenizer.decode(ids, withSpecial));
            }
        }
    }

    @Test
    void aCharacterComesWithItsLastByte() {
        var stream = new TextStream(TinyTokenizers.byteLevel());
        byte[] llama = "🦙".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 3; i++) {
            assertEquals("", stream.append(llama[i] & 0xFF));
        }
        assertEquals("🦙", stream.append(llama[3] & 0xFF));
        assertEquals("", stream.append(llama[0] & 0xFF));
        assertEquals("\uFFFD", stream.flush());
        assertEquals("", stream.flush());
    }

    @Test
    void specialTokensAreShownOnlyWhenAskedFor() {
        Tokenizer tokenizer = TinyTokenizers.byteLevel();
        assertEquals("hello", tokenizer.decode(new int[] {259, 266}, false));
        assertEquals("hello<|end|><tool>", tokenizer.decode(new int[] {259, 266, 267}, true));
    }

    @Test
    void theSpaceBeforeATextIsDroppedOnceAndNotWhereATextGoesOn() {
        Tokenizer tokenizer = TinyTokenizers.sentencePiece();
        int hello = tokenizer.id("▁hello");
        assertEquals("hello hello", tokenizer.decode(new int[] {hello, hello}, false));
        assertEquals(" hello", new TextStream(tokenizer, 0).append(hello));
    }
}
