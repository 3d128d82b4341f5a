package dev.crema.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * The tokenizer that all formats come down to: added tokens are cut out of the text, what is left is normalised, cut at the added tokens
 * that are normalised too, cut into pieces, and each piece is encoded by the model.
 */
final class TextTokenizer implements Tokenizer {
    /** The parts; {@code bos}, {@code eos} and {@code suffix} are -1 where there is no such token. */
    record Parts(Vocabulary vocabulary, List<AddedToken> added, Normalizer normalizer, PreTokenizer preTokenizer, TokenModel model,
            TokenText text, int bos, int eos, boolean addsBos, int suffix) { }

    private final Parts parts;
    private final Vocabulary vocabulary;
    private final AddedTokens parseRaw;
    private final AddedTokens parseNormalized;
    private final AddedTokens textRaw;
    private final AddedTokens textNormalized;

    TextTokenizer(Parts parts) {
        this.parts = parts;
        vocabulary = parts.vocabulary;
        parseRaw = new AddedTokens(choose(parts.added, false, true));
        textRaw = new AddedTokens(choose(parts.added, false, false));
        parseNormalized = new AddedTokens(choose(parts.added, true, true), parts.normalizer);
        textNormalized = new AddedTokens(choose(parts.added, true, false), parts.normalizer);
    }

    private static List<AddedToken> choose(List<AddedToken> all, boolean normalized, boolean withSpecial) {
        List<AddedToken> chosen = new ArrayList<>();
        for (AddedToken token : all) {
            if (token.normalized() == normalized && (withSpecial || !token.special())) {
                chosen.add(token);
            }
        }
        return chosen;
    }

    @Override
    public int[] encode(String text, Special special) {
        boolean parse = special == Special.PARSE;
        var out = new IntList(text.length() / 3);
        (parse ? parseRaw : textRaw).split(Utf8.wellFormed(text), new Encoding(parse ? parseNormalized : textNormalized, out));
        return out.toArray();
    }

    /** One call of {@link #encode} at work: what is raw here has no added token that is searched in raw text. */
    private final class Encoding implements AddedTokens.Sink {
        private final AddedTokens normalizedTokens;
        private final IntList out;
        private final Merger merger = new Merger();

        Encoding(AddedTokens normalizedTokens, IntList out) {
            this.normalizedTokens = normalizedTokens;
            this.out = out;
        }

        @Override
        public void token(int id) {
            out.add(id);
        }

        @Override
        public void text(String text, int from, int to) {
            String normalized = parts.normalizer.normalize(text.substring(from, to));
            normalizedTokens.split(normalized, new AddedTokens.Sink() {
                @Override
                public void token(int id) {
                    out.add(id);
                }

                @Override
                public void text(String part, int start, int end) {
                    parts.preTokenizer.split(part, start, end, from == 0 && start == 0, (piece, pieceFrom, pieceTo, atStart) ->
                        parts.model.encode(piece, pieceFrom, pieceTo, merger, out));
                }
            });
        }
    }

    @Override
    public byte[] bytes(int id) {
        return parts.text.bytes(vocabulary, id);
    }

    @Override
    public boolean isSpecial(int id) {
        byte kind = vocabulary.kind(id);
        return kind == Vocabulary.CONTROL || kind == Vocabulary.UNKNOWN;
    }

    @Override
    public String decode(int[] ids, boolean withSpecial) {
        var stream = new TextStream(this, withSpecial);
        var text = new StringBuilder();
        for (int id : ids) {
            stream.append(id, text);
        }
        return text.append(stream.flush()).toString();
    }

    @Override
    public int leadingSpaces() {
        return parts.text.leadingSpaces();
    }

    @Override
    public int id(String token) {
        return vocabulary.id(token);
    }

    @Override
    public String token(int id) {
        String token = vocabulary.token(id);
        return token == null ? "" : token;
    }

    @Override
    public int vocabSize() {
        return vocabulary.size();
    }

    @Override
    public int bos() {
        return parts.bos;
    }

    @Override
    public int eos() {
        return parts.eos;
    }

    @Override
    public boolean addsBos() {
        return parts.addsBos;
    }

    @Override
    public int suffix() {
        return parts.suffix;
    }
}
