package dev.crema.tokenizer;

/** RWKV's tokenizer: at each place the longest token that fits, over the bytes of the text. Linear in the text, times the longest token. */
final class RwkvTrie implements TokenModel {
    private final int unknown;
    private final Trie trie;

    /**
     * @param tokens  the bytes of each token, or null for one that text never becomes
     * @param unknown what a byte without token is, or -1 where each byte has one
     */
    RwkvTrie(byte[][] tokens, int unknown) {
        this.unknown = unknown;
        int bytes = 0;
        for (byte[] token : tokens) {
            bytes += token == null ? 0 : token.length;
        }
        trie = new Trie(bytes);
        boolean[] single = new boolean[256];
        for (int id = 0; id < tokens.length; id++) {
            if (tokens[id] != null && tokens[id].length > 0) {
                put(tokens[id], id);
                single[tokens[id][0] & 0xFF] |= tokens[id].length == 1;
            }
        }
        for (int b = 0; b < 256 && unknown < 0; b++) {
            if (!single[b]) {
                throw Fields.invalid("The vocabulary has neither a token of byte " + b + " nor an unknown token.");
            }
        }
    }

    private void put(byte[] token, int id) {
        int node = Trie.ROOT;
        for (byte b : token) {
            node = trie.grow(node, b & 0xFF);
        }
        trie.end(node, id);
    }

    @Override
    public void encode(String text, int from, int to, Merger merger, IntList out) {
        byte[] bytes = Utf8.encode(text.substring(from, to));
        for (int at = 0; at < bytes.length;) {
            int node = Trie.ROOT;
            int token = unknown;
            int end = at + 1;
            for (int i = at; i < bytes.length; i++) {
                node = trie.child(node, bytes[i] & 0xFF);
                if (node < 0) {
                    break;
                }
                if (trie.token(node) >= 0) {
                    token = trie.token(node);
                    end = i + 1;
                }
            }
            out.add(token);
            at = end;
        }
    }
}
