package dev.crema.tokenizer;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;

class UnicodeTest {
    private static final Path SOURCE = Path.of("src/main/java/dev/crema/tokenizer/UnicodeTables.java");

    /** {@code -Dgolden=update} writes the tables anew. */
    @Test
    void tablesAreWhatTheGeneratorWrites() throws IOException {
        String generated = UnicodeTablesGenerator.source();
        if ("update".equals(System.getProperty("golden"))) {
            Files.writeString(SOURCE, generated);
        }
        assertEquals(generated, Files.readString(SOURCE));
    }

    @Test
    void categoriesAreTheJdks() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            assertEquals(Character.getType(c), Unicode.category(c), Integer.toHexString(c));
        }
    }

    @Test
    void classesAreTheOnesOfRegularExpressions() {
        Pattern[] patterns = {Pattern.compile("\\p{L}"), Pattern.compile("\\p{N}"), Pattern.compile("\\p{IsWhite_Space}"),
            Pattern.compile("\\p{P}"), Pattern.compile("\\p{M}"), Pattern.compile("[\\p{Lu}\\p{Lt}]"), Pattern.compile("\\p{Ll}")};
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c >= 0xD800 && c < 0xE000) {
                continue;
            }
            String text = Character.toString(c);
            boolean[] found = {Unicode.is(c, Unicode.LETTER), Unicode.is(c, Unicode.NUMBER), Unicode.isSpace(c), Unicode.is(c, Unicode.PUNCTUATION),
                Unicode.is(c, Unicode.MARK), Unicode.is(c, Unicode.UPPERCASE), Unicode.is(c, Unicode.LOWERCASE)};
            for (int i = 0; i < patterns.length; i++) {
                int at = i;
                assertEquals(patterns[i].matcher(text).matches(), found[i], () -> patterns[at] + " U+" + Integer.toHexString(text.codePointAt(0)));
            }
        }
    }
}
