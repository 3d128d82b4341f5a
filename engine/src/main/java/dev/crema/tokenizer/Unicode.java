package dev.crema.tokenizer;

/** General categories of code points, from {@link UnicodeTables}: TeaVM's own tables are of another Unicode version on each platform. */
final class Unicode {
    static final int UPPERCASE = 1 << Character.UPPERCASE_LETTER | 1 << Character.TITLECASE_LETTER;
    static final int LOWERCASE = 1 << Character.LOWERCASE_LETTER;
    /** Letters without case: {@code \p{Lm}\p{Lo}}. */
    static final int UNCASED = 1 << Character.MODIFIER_LETTER | 1 << Character.OTHER_LETTER;
    /** {@code \p{L}}. */
    static final int LETTER = UPPERCASE | LOWERCASE | UNCASED;
    /** {@code \p{M}}. */
    static final int MARK = 1 << Character.NON_SPACING_MARK | 1 << Character.ENCLOSING_MARK | 1 << Character.COMBINING_SPACING_MARK;
    /** {@code \p{N}}. */
    static final int NUMBER = 1 << Character.DECIMAL_DIGIT_NUMBER | 1 << Character.LETTER_NUMBER | 1 << Character.OTHER_NUMBER;
    /** {@code \p{P}}. */
    static final int PUNCTUATION = 1 << Character.DASH_PUNCTUATION | 1 << Character.START_PUNCTUATION | 1 << Character.END_PUNCTUATION
        | 1 << Character.CONNECTOR_PUNCTUATION | 1 << Character.OTHER_PUNCTUATION | 1 << Character.INITIAL_QUOTE_PUNCTUATION
        | 1 << Character.FINAL_QUOTE_PUNCTUATION;

    /** The category of each code point of the Basic Multilingual Plane; the rest is searched in the runs. */
    private static final byte[] BASIC = new byte[0x10000];
    private static final int[] RUN_STARTS;
    private static final byte[] RUN_CATEGORIES;

    static {
        int[] numbers = numbers(UnicodeTables.CATEGORIES);
        RUN_STARTS = new int[numbers.length / 2];
        RUN_CATEGORIES = new byte[numbers.length / 2];
        int start = 0;
        for (int run = 0; run < RUN_STARTS.length; run++) {
            RUN_STARTS[run] = start;
            RUN_CATEGORIES[run] = (byte) numbers[2 * run + 1];
            int end = start + numbers[2 * run] + 1;
            for (int c = start; c < end && c < BASIC.length; c++) {
                BASIC[c] = RUN_CATEGORIES[run];
            }
            start = end;
        }
    }

    private Unicode() { }

    /** The number of the general category, as {@code Character.getType} has it. */
    static int category(int codePoint) {
        if (codePoint < BASIC.length) {
            return BASIC[codePoint];
        }
        int low = 0;
        int high = RUN_STARTS.length;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (RUN_STARTS[middle] <= codePoint) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return RUN_CATEGORIES[low];
    }

    /** Whether the code point is of one of the categories of {@code mask}. */
    static boolean is(int codePoint, int mask) {
        return (1 << category(codePoint) & mask) != 0;
    }

    /** Unicode's White_Space, which is {@code \s} in Hugging Face's regular expressions. */
    static boolean isSpace(int c) {
        return c == ' ' || c >= 9 && c <= 13 || c == 0x85 || c == 0xA0
            || c >= 0x1680 && (c == 0x1680 || c >= 0x2000 && c <= 0x200A || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F
                || c == 0x3000);
    }

    /** Neither letter, number nor white space: {@code [^\s\p{L}\p{N}]}. */
    static boolean isOther(int codePoint) {
        return !is(codePoint, LETTER | NUMBER) && !isSpace(codePoint);
    }

    /** Reads a table of {@link UnicodeTables}. */
    static int[] numbers(String table) {
        byte[] digits = new byte[128];
        for (int i = 0; i < UnicodeTables.DIGITS.length(); i++) {
            digits[UnicodeTables.DIGITS.charAt(i)] = (byte) i;
        }
        int count = 0;
        for (int i = 0; i < table.length(); i++) {
            count += digits[table.charAt(i)] < 32 ? 1 : 0;
        }
        int[] numbers = new int[count];
        int at = 0;
        for (int i = 0; i < numbers.length; i++) {
            int shift = 0;
            int digit;
            do {
                digit = digits[table.charAt(at++)];
                numbers[i] |= (digit & 31) << shift;
                shift += 5;
            } while (digit >= 32);
        }
        return numbers;
    }
}
