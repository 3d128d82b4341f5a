package dev.crema.tokenizer;

/**
 * What BERT does to a text before words are cut: controls go, white space becomes spaces, Chinese characters stand alone, accents are stripped and
 * letters lowered (tokenizer.json's {@code BertNormalizer}).
 */
record BertNormalizer(boolean cleans, boolean partsChinese, boolean stripsAccents, boolean lowers) implements Normalizer {
    /** Hugging Face's tokenizers keep unassigned characters, which BERT's first code removed. */
    private static final int CONTROLS = 1 << Character.CONTROL | 1 << Character.FORMAT | 1 << Character.PRIVATE_USE | 1 << Character.SURROGATE;
    /** CJK ideographs as BERT's code lists them: first and last of each block. */
    private static final int[] CHINESE = {0x4E00, 0x9FFF, 0x3400, 0x4DBF, 0x20000, 0x2A6DF, 0x2A700, 0x2B73F, 0x2B740, 0x2B81F, 0x2B920, 0x2CEAF,
        0xF900, 0xFAFF, 0x2F800, 0x2FA1F};

    @Override
    public String normalize(String text) {
        var kept = new StringBuilder(text.length());
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            if (cleans && isRemoved(c)) {
                continue;
            }
            if (cleans && Unicode.isSpace(c)) {
                kept.append(' ');
            } else {
                boolean alone = partsChinese && isChinese(c);
                kept.append(alone ? " " : "").appendCodePoint(c).append(alone ? " " : "");
            }
        }
        String stripped = stripsAccents ? withoutAccents(Nfc.decomposed(kept.toString())) : kept.toString();
        return lowers ? lower(stripped) : stripped;
    }

    /** Of white space only what is no control but tab and line ends: a form feed is removed and parts no words. */
    private static boolean isRemoved(int c) {
        return c == 0xFFFD || Unicode.is(c, CONTROLS) && c != '\t' && c != '\n' && c != '\r';
    }

    private static boolean isChinese(int c) {
        for (int i = 0; i < CHINESE.length; i += 2) {
            if (c >= CHINESE[i] && c <= CHINESE[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /** Without non-spacing marks. */
    static String withoutAccents(String text) {
        var kept = new StringBuilder(text.length());
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            if (!Unicode.is(c, 1 << Character.NON_SPACING_MARK)) {
                kept.appendCodePoint(c);
            }
        }
        return kept.toString();
    }

    /** Character by character: a capital sigma is lowered alike at the end of a word; the dotted capital I keeps its dot. */
    static String lower(String text) {
        var lowered = new StringBuilder(text.length());
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            lowered.appendCodePoint(c == 0x130 ? 'i' : Character.toLowerCase(c)).append(c == 0x130 ? "\u0307" : "");
        }
        return lowered.toString();
    }
}
