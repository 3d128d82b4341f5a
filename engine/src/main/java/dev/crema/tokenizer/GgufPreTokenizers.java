package dev.crema.tokenizer;

import java.util.List;

/** The pre-tokenizers that GGUF's {@code tokenizer.ggml.pre} names; the names are llama.cpp's. To add one: one line here. */
final class GgufPreTokenizers {
    private static final Scanner GPT2 = new Gpt2Scanner();
    private static final Scanner LLAMA3 = new Cl100kScanner(3);
    private static final Scanner QWEN2 = new Cl100kScanner(1);
    private static final Scanner GPT4O = new O200kScanner(3, true);
    private static final Scanner NUMBERS = new Scanner.Run(Unicode.NUMBER, Integer.MAX_VALUE);
    private static final Scanner NUMBER = new Scanner.Run(Unicode.NUMBER, 1);
    private static final Scanner THREE_NUMBERS = new Scanner.Run(Unicode.NUMBER, 3);
    /** {@code [一-龥\u3040-ゟ゠-ヿ]+}. */
    static final CodePoints CHINESE = CodePoints.of("3040-30FF 4E00-9FA5");
    /** DeepSeek's older models: {@code [一-龥ࠀ-一가-퟿]+}. */
    private static final CodePoints ASIAN = CodePoints.of("800-9FA5 AC00-D7FF");
    /** DeepSeek LLM: letters that have case, of the scripts that its pattern lists. */
    private static final CodePoints CASED = CodePoints.of("41-5A 61-7A B5 C0-D6 D8-F6 F8-1BA 1BC-1BF 1C4-293 295-2AF 370-373 376-377 37B-37D 37F 386 388-38A 38C 38E-3A1 "
        + "3A3-3F5 3F7-481 48A-52F 531-556 10A0-10C5 13A0-13F5 13F8-13FD 1C90-1CBA 1CBD-1CBF 1D00-1D2B 1D6B-1D77 "
        + "1D79-1D9A 1E00-1F15 1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F7D 1F80-1FB4 1FB6-1FBC 1FBE "
        + "1FC2-1FC4 1FC6-1FCC 1FD0-1FD3 1FD6-1FDB 1FE0-1FEC 1FF2-1FF4 1FF6-1FFC 2102 2107 210A-2113 2115 2119-211D 2124 "
        + "2126 2128 212A-212D 212F-2134 2139 213C-213F 2145-2149 214E 2183-2184 2C00-2C7B 2C7E-2CE4 2CEB-2CEE 2CF2-2CF3 "
        + "A640-A66D A680-A69B A722-A76F A771-A787 A78B-A78E AB70-ABBF FB00-FB06 FB13-FB17 FF21-FF3A FF41-FF5A "
        + "10400-1044F 104B0-104D3 104D8-104FB 10C80-10CB2 10CC0-10CF2 118A0-118DF 1E900-1E943");
    /** DeepSeek LLM: {@code [!-/:-~！-／：-～‘-‟\u3000-。]}. */
    private static final CodePoints SIGNS = CodePoints.of("21-2F 3A-7E 2018-201F 3000-3002 FF01-FF0F FF1A-FF5E");
    /** AFMoE: Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese. */
    private static final CodePoints EASTERN = CodePoints.of("E40-EFF 1000-109F 1100-11FF 1780-17FF 2F00-2FDF 3040-30FF 3400-4DBF 4E00-9FFF A9E0-A9FF AA60-AA7F "
        + "AC00-D7AF F900-FAFF FF65-FF9F");
    private static final CodePoints KOREAN = CodePoints.of("3131-318E AC00-D7A3");
    private static final CodePoints WIDE_SIGNS = CodePoints.of("2014 2018-2019 201C-201D 2026 3001-303F FE30-FE4F FF01 FF0C FF1A-FF1B");
    private static final CodePoints BOPOMOFO = CodePoints.of("3105-312F");

    private GgufPreTokenizers() { }

    /** The pre-tokenizer of that name, or null. */
    static PreTokenizer of(String name) {
        return switch (name) {
            case "gpt-2", "gpt2", "phi-2", "mpt", "olmo", "jina-es", "jina-de", "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-v2-code", "gigachat",
                "roberta-bpe", "exaone4", "jais", "trillion", "a.x-4.0", "mellum", "modern-bert", "granite-docling" -> one(GPT2);
            case "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano", "dbrx", "smaug-bpe", "chatglm4", "glm4",
                "chatglm-bpe" -> one(LLAMA3);
            case "qwen2", "deepseek-r1-qwen", "f2llmv2", "stablelm2", "megrez", "kormo", "hunyuan", "solar-open", "grok-2", "bailingmoe", "bailingmoe2", "llada-moe"
                -> one(QWEN2);
            case "qwen35" -> one(new Cl100kScanner(1, true, true, true));
            case "seed-coder" -> one(new Cl100kScanner(1, true, false, false));
            case "ufakzeka" -> one(new Cl100kScanner(1, false, false, true));
            case "laguna" -> chain(one(GgufPreTokenizers::line), one(QWEN2));
            case "minicpm5" -> chain(one(THREE_NUMBERS), one(LLAMA3));
            case "jais-2" -> one(new Jais2Scanner());
            case "exaone-moe" -> one(new ExaoneMoeScanner());
            case "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2", "granite-embed-multi-97m" -> one(GPT4O);
            case "tiny_aya", "cohere2moe" -> chain(new Thousands(1 << Character.DECIMAL_DIGIT_NUMBER, true), one(GPT4O));
            case "tekken" -> one(new O200kScanner(1, false));
            case "kimi-k2" -> one(new O200kScanner(3, true, true));
            case "youtu" -> chain(one(GgufPreTokenizers::youtu), one(new O200kScanner(1, true)));
            default -> more(name);
        };
    }

    private static PreTokenizer more(String name) {
        return switch (name) {
            case "deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4" -> chain(one(THREE_NUMBERS), one(CHINESE), one(new DeepSeekScanner(true)));
            case "spark2_5" -> chain(one(THREE_NUMBERS), one(CHINESE), one(new DeepSeekScanner(false)), one(NUMBER));
            case "deepseek-llm" -> chain(one(GgufPreTokenizers::lineEnd), one(CASED.spaced()), one(SIGNS.spaced()), GgufPreTokenizers::lastSpaces, one(ASIAN),
                one(NUMBERS));
            case "deepseek-coder" -> chain(one(GgufPreTokenizers::lineEnd), one(DeepSeekScanner.spaced(Unicode.LETTER)), one(DeepSeekScanner.spaced(Unicode.PUNCTUATION)),
                one(ASIAN), one(NUMBER));
            case "afmoe" -> chain(one(NUMBERS), new Thousands(Unicode.NUMBER, false), one(EASTERN), one(new DeepSeekScanner(true)));
            case "superbpe" -> chain(one(NUMBERS), new Thousands(1 << Character.DECIMAL_DIGIT_NUMBER, false));
            case "bloom", "poro-chat", "gpt3-finnish" -> one(GgufPreTokenizers::bloom);
            case "viking" -> chain(one(GgufPreTokenizers::bloom), one(NUMBER));
            case "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2" -> chain(one(NUMBER), one(GPT2));
            case "falcon" -> chain(one((text, from, to) -> PreTokenizers.symbols(text, from, to, "$+<=>^~|`")), one(GPT2), one(PreTokenizers::threeDigits));
            case "chameleon" -> chain(one(GgufPreTokenizers::sentinel), one(GgufPreTokenizers::image), one(GgufPreTokenizers::fewSpaces), one(NUMBER),
                one(PreTokenizers::punctuation), one(GPT2));
            case "default" -> chain(one((text, from, to) -> PreTokenizers.symbols(text, from, to, "$+<=>^~|")), one(GPT2), one(NUMBERS),
                one(PreTokenizers::threeDigits));
            default -> null;
        };
    }

    private static PreTokenizer one(Scanner scanner) {
        return Split.isolated(scanner);
    }

    private static PreTokenizer chain(PreTokenizer... steps) {
        return new PreTokenizer.Chain(List.of(steps));
    }

    /** {@code [\r\n]}. */
    static int lineEnd(String text, int from, int to) {
        return text.charAt(from) == '\r' || text.charAt(from) == '\n' ? from + 1 : -1;
    }

    /** {@code [^\n]+|[\n]+}. */
    static int line(String text, int from, int to) {
        boolean ends = text.charAt(from) == '\n';
        int at = from;
        while (at < to && text.charAt(at) == '\n' == ends) {
            at++;
        }
        return at;
    }

    /** {@code \s+$}. */
    private static void lastSpaces(String text, int from, int to, boolean atStart, PreTokenizer.Pieces pieces) {
        int end = to;
        while (end > from && Unicode.isSpace(text.charAt(end - 1))) {
            end--;
        }
        if (end > from) {
            pieces.piece(text, from, end, atStart);
        }
        if (end < to) {
            pieces.piece(text, end, to, atStart && end == from);
        }
    }

    /** Bloom's {@code  ?[^(\s|.,!?…。，、।۔،)]+}; parentheses and the bar are in the set too. */
    static int bloom(String text, int from, int to) {
        int start = text.charAt(from) == ' ' ? from + 1 : from;
        int at = start;
        while (at < to && !Unicode.isSpace(text.charAt(at)) && "(|.,!?…。，、।۔،)".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at == start ? -1 : at;
    }

    private static int youtu(String text, int from, int to) {
        for (CodePoints set : new CodePoints[] {KOREAN, WIDE_SIGNS, BOPOMOFO, CHINESE}) {
            if (set.has(text.charAt(from))) {
                return set.run(text, from, to);
            }
        }
        return -1;
    }

    /** {@code <sentinel:[0-9]+>}. */
    private static int sentinel(String text, int from, int to) {
        int at = from + "<sentinel:".length();
        if (at >= to || !text.startsWith("<sentinel:", from)) {
            return -1;
        }
        int digits = at;
        while (at < to && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at > digits && at < to && text.charAt(at) == '>' ? at + 1 : -1;
    }

    /** {@code IMGIMG[A-I]{1,4}Z}. */
    private static int image(String text, int from, int to) {
        int at = from + "IMGIMG".length();
        if (at >= to || !text.startsWith("IMGIMG", from)) {
            return -1;
        }
        int letters = at;
        while (at < to && at - letters < 4 && text.charAt(at) >= 'A' && text.charAt(at) <= 'I') {
            at++;
        }
        return at > letters && at < to && text.charAt(at) == 'Z' ? at + 1 : -1;
    }

    /** {@code [\t\n]|    |  }. */
    private static int fewSpaces(String text, int from, int to) {
        char c = text.charAt(from);
        if (c == '\t' || c == '\n') {
            return from + 1;
        }
        int at = from;
        while (at < to && at - from < 4 && text.charAt(at) == ' ') {
            at++;
        }
        return at - from == 4 ? at : at - from >= 2 ? from + 2 : -1;
    }
}
