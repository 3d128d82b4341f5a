package dev.crema.tokenizer;

/**
 * The pre-tokenizers that are known by the exact text of their regular expression. To add one: its scanner, and one line here.
 */
final class PreTokenizers {
    private static final Scanner GPT2 = new Gpt2Scanner();
    private static final Scanner LLAMA3 = new Cl100kScanner(3);
    private static final Scanner QWEN2 = new Cl100kScanner(1);
    private static final Scanner GPT4O = new O200kScanner(3, true);
    private static final Scanner TEKKEN = new O200kScanner(1, false);
    private static final Scanner DEEPSEEK = new DeepSeekScanner(true);
    private static final Scanner NUMBERS = new Scanner.Run(Unicode.NUMBER, Integer.MAX_VALUE);
    private static final Scanner NUMBER = new Scanner.Run(Unicode.NUMBER, 1);

    private static final String NO_CASE_CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String SYMBOLS_AND_SPACES = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String SYMBOLS_SLASHES_AND_SPACES = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String PREFIX = "[^\\r\\n\\p{L}\\p{N}]?";

    private PreTokenizers() { }

    /** The scanner of a regular expression as Hugging Face spells it, or null. */
    static Scanner ofRegex(String regex) {
        return switch (regex) {
            case "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s" -> GPT2;
            case NO_CASE_CONTRACTIONS + "|" + PREFIX + "\\p{L}+|\\p{N}{1,3}|" + SYMBOLS_AND_SPACES,
                "'(?i:[sdmt]|ll|ve|re)|" + PREFIX + "+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"
                -> LLAMA3;
            case NO_CASE_CONTRACTIONS + "|" + PREFIX + "\\p{L}+|\\p{N}|" + SYMBOLS_AND_SPACES -> QWEN2;
            case PREFIX + UPPER + "*" + LOWER + "+" + NO_CASE_CONTRACTIONS + "?|" + PREFIX + UPPER + "+" + LOWER + "*" + NO_CASE_CONTRACTIONS
                + "?|\\p{N}{1,3}|" + SYMBOLS_SLASHES_AND_SPACES -> GPT4O;
            case PREFIX + UPPER + "*" + LOWER + "+|" + PREFIX + UPPER + "+" + LOWER + "*|\\p{N}|" + SYMBOLS_SLASHES_AND_SPACES -> TEKKEN;
            case "'(?i:[sdmt]|ll|ve|re)|" + PREFIX + "+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+" -> QWEN2;
            case NO_CASE_CONTRACTIONS + "|" + PREFIX + "[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
                -> new Cl100kScanner(1, true, true, true);
            case NO_CASE_CONTRACTIONS + "|" + PREFIX + "\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" -> new Cl100kScanner(1, true, false, false);
            case PREFIX + "\\p{L}+|\\p{N}|" + SYMBOLS_AND_SPACES -> new Cl100kScanner(1, false, false, true);
            case NO_CASE_CONTRACTIONS + "|" + PREFIX + "(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"
                -> new ExaoneMoeScanner();
            case NO_CASE_CONTRACTIONS + "|" + PREFIX + "\\p{L}+|\\p{N}+|" + SYMBOLS_AND_SPACES -> new Cl100kScanner(Integer.MAX_VALUE);
            case "\\s?\\p{L}+" -> DeepSeekScanner.spaced(Unicode.LETTER);
            case "\\s?\\p{P}+" -> DeepSeekScanner.spaced(Unicode.PUNCTUATION);
            case "[\r\n]" -> GgufPreTokenizers::lineEnd;
            case " ?[^(\\s|[.,!?…。，、।۔،])]+" -> GgufPreTokenizers::bloom;
            case "\\p{N}{1,3}" -> new Scanner.Run(Unicode.NUMBER, 3);
            case "\\p{N}+" -> NUMBERS;
            case "\\p{N}" -> NUMBER;
            case "[一-龥\u3040-ゟ゠-ヿ]+" -> GgufPreTokenizers.CHINESE;
            case "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
                -> DEEPSEEK;
            case "[0-9][0-9][0-9]" -> PreTokenizers::threeDigits;
            case "[0-9]" -> PreTokenizers::digit;
            default -> null;
        };
    }

    /** {@code use_regex} of {@code ByteLevel}. */
    static PreTokenizer byteLevel() {
        return Split.isolated(GPT2);
    }

    /** {@code Digits}: each number alone, or runs of them. */
    static PreTokenizer digits(boolean individual) {
        return Split.isolated(individual ? NUMBER : NUMBERS);
    }

    /** What white space parts, without it. */
    static PreTokenizer words() {
        return new Split((text, from, to) -> Unicode.isSpace(text.charAt(from)) ? from + 1 : -1, Split.Behavior.REMOVED, false);
    }

    /** One character of {@code Punctuation}: Unicode's and all that is punctuation on a keyboard. */
    static int punctuation(String text, int from, int to) {
        int c = text.codePointAt(from);
        boolean ascii = c > ' ' && c < 0x7F && !Unicode.is(c, Unicode.LETTER | Unicode.NUMBER);
        return ascii || Unicode.is(c, Unicode.PUNCTUATION) ? from + Character.charCount(c) : -1;
    }

    /** Exactly this text. */
    static Scanner literal(String literal) {
        return (text, from, to) -> to - from >= literal.length() && text.startsWith(literal, from) ? from + literal.length() : -1;
    }

    private static int digit(String text, int from, int to) {
        return text.charAt(from) >= '0' && text.charAt(from) <= '9' ? from + 1 : -1;
    }

    static int threeDigits(String text, int from, int to) {
        return from + 3 <= to && digit(text, from, to) > 0 && digit(text, from + 1, to) > 0 && digit(text, from + 2, to) > 0 ? from + 3 : -1;
    }

    /** {@code [\p{P}...]+} with the characters of {@code more}. */
    static int symbols(String text, int from, int to, String more) {
        int at = from;
        while (at < to) {
            int c = text.codePointAt(at);
            if (!Unicode.is(c, Unicode.PUNCTUATION) && more.indexOf(c) < 0) {
                break;
            }
            at += Character.charCount(c);
        }
        return at == from ? -1 : at;
    }
}
