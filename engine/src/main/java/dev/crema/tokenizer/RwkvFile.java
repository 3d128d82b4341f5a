package dev.crema.tokenizer;

import dev.crema.json.Json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * RWKV's vocabulary as text ({@code rwkv_vocab_v20230424.txt}): a line a token, with its id, its text or bytes as Python spells them, and how many bytes
 * these are. The id 0, which no line has, ends a text.
 */
final class RwkvFile {
    private static final int MOST_IDS = 1 << 20;
    private static final String END = "<|rwkv_tokenizer_end_of_text|>";

    private final String name;

    private RwkvFile(String name) {
        this.name = name;
    }

    static Tokenizer read(String name, byte[] file, Json.Obj tokenizerConfig) {
        byte[][] tokens = new RwkvFile(name).tokens(new String(file, StandardCharsets.UTF_8));
        Fields config = Fields.of("tokenizer_config.json", tokenizerConfig);
        String end = config.get("eos_token") instanceof Json.Str eos ? eos.value() : END;
        return of(tokens, end, -1, 0, 0, config.bool("add_bos_token", false));
    }

    /** A token without bytes is {@code control}'s (the first) or none. */
    static Tokenizer of(byte[][] tokens, String control, int unknown, int bos, int eos, boolean addsBos) {
        String[] spelled = new String[tokens.length];
        byte[] kinds = new byte[tokens.length];
        List<AddedToken> added = new ArrayList<>();
        for (int id = 0; id < tokens.length; id++) {
            if (tokens[id] != null) {
                spelled[id] = ByteAlphabet.spell(tokens[id]);
                kinds[id] = Vocabulary.NORMAL;
            } else if (control != null && added.isEmpty()) {
                spelled[id] = control;
                kinds[id] = Vocabulary.CONTROL;
                added.add(AddedToken.plain(id, control, true));
            }
        }
        var text = new TokenText(true, List.of(), 0);
        return new TextTokenizer(new TextTokenizer.Parts(new Vocabulary(spelled, kinds), added, Normalizer.NONE, PreTokenizer.NONE, new RwkvTrie(tokens, unknown), text,
            bos, eos, addsBos, -1));
    }

    private byte[][] tokens(String text) {
        byte[][] tokens = new byte[1024][];
        int size = 1;
        int lineNumber = 0;
        for (int from = 0; from < text.length();) {
            int end = text.indexOf('\n', from) < 0 ? text.length() : text.indexOf('\n', from);
            String line = text.substring(from, end > from && text.charAt(end - 1) == '\r' ? end - 1 : end);
            from = end + 1;
            lineNumber++;
            if (line.isEmpty()) {
                continue;
            }
            int first = line.indexOf(' ');
            int last = line.lastIndexOf(' ');
            int id = number(line, 0, first);
            int length = number(line, last + 1, line.length());
            byte[] token = first < 0 || last <= first ? null : literal(line.substring(first + 1, last));
            if (token == null || token.length == 0 || id <= 0 || id >= MOST_IDS || token.length != length) {
                throw Fields.invalid(name + ", line " + lineNumber + ": expected an id, a text in Python's spelling and its length in bytes, found " + line + ".");
            }
            if (id >= tokens.length) {
                tokens = Arrays.copyOf(tokens, Math.min(MOST_IDS, Math.max(id + 1, 2 * tokens.length)));
            }
            if (tokens[id] != null) {
                throw Fields.invalid(name + ", line " + lineNumber + ": the id " + id + " is there a second time.");
            }
            tokens[id] = token;
            size = Math.max(size, id + 1);
        }
        return Arrays.copyOf(tokens, size);
    }

    /** The whole number that is written there, or -1. */
    private static int number(String line, int from, int to) {
        int value = to > from && to - from < 9 ? 0 : -1;
        for (int i = from; i < to && value >= 0; i++) {
            value = line.charAt(i) >= '0' && line.charAt(i) <= '9' ? 10 * value + line.charAt(i) - '0' : -1;
        }
        return value;
    }

    /** The bytes of {@code 'text'}, {@code "text"} or {@code b'bytes'}, or null where it is none of these. */
    private static byte[] literal(String source) {
        boolean raw = source.startsWith("b");
        int start = raw ? 1 : 0;
        char quote = source.length() > start + 1 ? source.charAt(start) : 0;
        if (quote != '\'' && quote != '"' || source.charAt(source.length() - 1) != quote) {
            return null;
        }
        return unescape(source.substring(start + 1, source.length() - 1), raw);
    }

    /** {@code raw}: {@code \xE9} is a byte and not a character. Null where an escape has no end. */
    static byte[] unescape(String text, boolean raw) {
        var out = new IntList(text.length() + 8);
        byte[] buffer = new byte[4];
        for (int i = 0; i < text.length();) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            boolean isByte = false;
            if (c == '\\') {
                if (i == text.length()) {
                    return null;
                }
                char kind = text.charAt(i++);
                int digits = kind == 'x' ? 2 : raw ? 0 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
                if (digits > 0) {
                    long value = hex(text, i, digits);
                    if (value < 0 || value > Character.MAX_CODE_POINT) {
                        return null;
                    }
                    c = (int) value;
                    isByte = raw;
                    i += digits;
                } else {
                    c = kind == 'n' ? '\n' : kind == 'r' ? '\r' : kind == 't' ? '\t' : kind;
                }
            }
            int count = isByte ? 1 : Utf8.write(c, buffer, 0);
            for (int k = 0; k < count; k++) {
                out.add(isByte ? c : buffer[k]);
            }
        }
        byte[] bytes = new byte[out.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) out.get(i);
        }
        return bytes;
    }

    private static long hex(String text, int from, int digits) {
        long value = from + digits > text.length() ? -1 : 0;
        for (int i = from; i < from + digits && value >= 0; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            value = digit < 0 ? -1 : value << 4 | digit;
        }
        return value;
    }
}
