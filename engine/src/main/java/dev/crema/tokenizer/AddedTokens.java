package dev.crema.tokenizer;

import java.util.ArrayList;
import java.util.List;

/** Cuts a text at its added tokens: from left to right, at each place the longest one. A trie over UTF-16 units. */
final class AddedTokens {
    /** Receives what a text consists of, in order. */
    interface Sink {
        /** {@code text[from, to)} is not empty and no token. */
        void text(String text, int from, int to);

        void token(int id);
    }

    private static final int ROOT = 0;

    private final List<AddedToken> tokens;
    /** (node, unit) -> node. */
    private final LongIntMap children;
    /** The token that ends at a node: its index + 1, or 0. */
    private final int[] ends;

    AddedTokens(List<AddedToken> tokens) {
        this(tokens, Normalizer.NONE);
    }

    /** Searches the spelling that {@code spelling} gives the tokens. */
    AddedTokens(List<AddedToken> tokens, Normalizer spelling) {
        this.tokens = List.copyOf(tokens);
        List<String> spelled = new ArrayList<>();
        int units = 0;
        for (AddedToken token : tokens) {
            String content = spelling.normalize(token.content());
            spelled.add(content);
            units += content.length();
        }
        children = new LongIntMap(units);
        ends = new int[units + 1];
        int nodes = 1;
        for (int i = 0; i < spelled.size(); i++) {
            int node = ROOT;
            for (int k = 0; k < spelled.get(i).length(); k++) {
                long edge = LongIntMap.pair(node, spelled.get(i).charAt(k));
                nodes += children.putIfAbsent(edge, nodes) ? 1 : 0;
                node = children.get(edge);
            }
            ends[node] = i + 1;
        }
        ends[ROOT] = 0;
    }

    void split(String text, Sink sink) {
        if (tokens.isEmpty()) {
            emit(text, 0, text.length(), sink);
            return;
        }
        int done = 0;
        for (int i = 0; i < text.length();) {
            long match = longest(text, i);
            if (match < 0) {
                i++;
                continue;
            }
            AddedToken token = tokens.get((int) match);
            int start = i;
            int end = (int) (match >>> 32);
            i = end;
            if (token.singleWord() && (isWord(text, start - 1) || isWord(text, end))) {
                continue;
            }
            if (token.lstrip()) {
                while (start > done && Unicode.isSpace(text.charAt(start - 1))) {
                    start--;
                }
            }
            if (token.rstrip()) {
                while (end < text.length() && Unicode.isSpace(text.charAt(end))) {
                    end++;
                }
            }
            emit(text, done, start, sink);
            sink.token(token.id());
            done = end;
            i = end;
        }
        emit(text, done, text.length(), sink);
    }

    private static void emit(String text, int from, int to, Sink sink) {
        if (to > from) {
            sink.text(text, from, to);
        }
    }

    /** End and index of the longest token at {@code from} (end in the upper half), or -1. */
    long longest(String text, int from) {
        long match = -1;
        int node = ROOT;
        for (int i = from; i < text.length(); i++) {
            node = children.get(LongIntMap.pair(node, text.charAt(i)));
            if (node < 0) {
                break;
            }
            if (ends[node] > 0) {
                match = LongIntMap.pair(i + 1, ends[node] - 1);
            }
        }
        return match;
    }

    /** Letters, marks, digits and the underscore, as {@code \w}. */
    static boolean isWord(String text, int at) {
        if (at < 0 || at >= text.length()) {
            return false;
        }
        int c = text.charAt(at);
        if (Character.isLowSurrogate((char) c) && at > 0) {
            c = text.codePointAt(at - 1);
        } else {
            c = text.codePointAt(at);
        }
        int categories = Unicode.LETTER | Unicode.MARK | 1 << Character.DECIMAL_DIGIT_NUMBER | 1 << Character.LETTER_NUMBER
            | 1 << Character.CONNECTOR_PUNCTUATION;
        return Unicode.is(c, categories);
    }
}
