package dev.crema.tokenizer;

import java.util.List;

/**
 * The pre-tokenizers that are known by name or by the exact text of their regular expression. To add one: its scanner, and one line here.
 */
final class PreTokenizers {
    private static final Scanner GPT2 = new Gpt2Scanner();
    private static final Scanner LLAMA3 = new Cl100kScanner(3);
    private static final Scanner QWEN2 = new Cl100kScanner(1);
    private static final Scanner GPT4O = new O200kScanner(3, true);
    private static final Scanner TEKKEN = new O200kScanner(1, false);
    private static final Scanner DEEPSEEK = new DeepSeekScanner();
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
            case "\\p{N}{1,3}" -> new Scanner.Run(Unicode.NUMBER, 3);
            case "\\p{N}+" -> NUMBERS;
            case "\\p{N}" -> NUMBER;
            case "[一-龥\u3040-ゟ゠-ヿ]+" -> DeepSeekScanner::chinese;
            case "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
                -> DEEPSEEK;
            case "[0-9][0-9][0-9]" -> PreTokenizers::threeDigits;
            case "[0-9]" -> PreTokenizers::digit;
            default -> null;
        };
    }

    /** What GGUF's {@code tokenizer.ggml.pre} names (the names are llama.cpp's), or null. */
    static PreTokenizer ofGguf(String name) {
        return switch (name) {
            case "gpt-2", "gpt2", "phi-2", "mpt", "olmo", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "jina-v2-code", "gigachat",
                "roberta-bpe", "exaone4", "jais", "trillion", "a.x-4.0", "mellum" -> Split.isolated(GPT2);
            case "deepseek-v3", "hunyuan-dense" -> new PreTokenizer.Chain(List.of(Split.isolated(new Scanner.Run(Unicode.NUMBER, 3)),
                Split.isolated(DeepSeekScanner::chinese), Split.isolated(DEEPSEEK)));
            case "deepseek-coder" -> new PreTokenizer.Chain(List.of(
                Split.isolated((text, from, to) -> text.charAt(from) == '\r' || text.charAt(from) == '\n' ? from + 1 : -1),
                Split.isolated(DeepSeekScanner.spaced(Unicode.LETTER)), Split.isolated(DeepSeekScanner.spaced(Unicode.PUNCTUATION)),
                Split.isolated(DeepSeekScanner::asian), Split.isolated(NUMBER)));
            case "bloom", "poro-chat", "gpt3-finnish" -> Split.isolated(PreTokenizers::bloom);
            case "viking" -> new PreTokenizer.Chain(List.of(Split.isolated(PreTokenizers::bloom), Split.isolated(NUMBER)));
            case "chatglm4" -> Split.isolated(LLAMA3);
            case "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "dbrx", "smaug-bpe"
                -> Split.isolated(LLAMA3);
            case "qwen2", "deepseek-r1-qwen", "stablelm2", "megrez", "kormo" -> Split.isolated(QWEN2);
            case "gpt-4o", "llama4" -> Split.isolated(GPT4O);
            case "tekken" -> Split.isolated(TEKKEN);
            case "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"
                -> new PreTokenizer.Chain(List.of(Split.isolated(NUMBER), Split.isolated(GPT2)));
            case "falcon" -> new PreTokenizer.Chain(List.of(Split.isolated((text, from, to) -> symbols(text, from, to, "$+<=>^~|`")),
                Split.isolated(GPT2), Split.isolated(PreTokenizers::threeDigits)));
            case "default" -> new PreTokenizer.Chain(List.of(Split.isolated((text, from, to) -> symbols(text, from, to, "$+<=>^~|")),
                Split.isolated(GPT2), Split.isolated(NUMBERS), Split.isolated(PreTokenizers::threeDigits)));
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

    /** Bloom's {@code  ?[^(\s|.,!?…。，、।۔،)]+}; parentheses and the bar are in the set too. */
    private static int bloom(String text, int from, int to) {
        int start = text.charAt(from) == ' ' ? from + 1 : from;
        int at = start;
        while (at < to && !Unicode.isSpace(text.charAt(at)) && "(|.,!?…。，、।۔،)".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at == start ? -1 : at;
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

    private static int threeDigits(String text, int from, int to) {
        return from + 3 <= to && digit(text, from, to) > 0 && digit(text, from + 1, to) > 0 && digit(text, from + 2, to) > 0 ? from + 3 : -1;
    }

    /** {@code [\p{P}...]+} with the characters of {@code more}. */
    private static int symbols(String text, int from, int to, String more) {
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
