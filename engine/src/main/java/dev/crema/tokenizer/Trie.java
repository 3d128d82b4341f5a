package dev.crema.tokenizer;

/** Tokens by their units (characters, or bytes), to find all that begin at a place. */
final class Trie {
    static final int ROOT = 0;

    /** (node, unit) -> node. */
    private final LongIntMap children;
    /** The token that ends at a node, or -1. */
    private final IntList ends = new IntList(1024);

    /** {@code units} is how many all tokens have together, at most. */
    Trie(int units) {
        children = new LongIntMap(units);
        ends.add(-1);
    }

    /** The node below, made where there is none. */
    int grow(int node, int unit) {
        long key = LongIntMap.pair(node, unit);
        int next = children.get(key);
        if (next < 0) {
            next = ends.size();
            ends.add(-1);
            children.putIfAbsent(key, next);
        }
        return next;
    }

    /** A token ends at the node; of several the last counts. */
    void end(int node, int token) {
        ends.set(node, token);
    }

    /** The node below, or a negative number. */
    int child(int node, int unit) {
        return children.get(LongIntMap.pair(node, unit));
    }

    /** The token that ends at the node, or -1. */
    int token(int node) {
        return ends.get(node);
    }
}
