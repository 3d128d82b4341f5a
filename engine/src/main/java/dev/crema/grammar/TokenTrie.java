package dev.crema.grammar;

import dev.crema.tokenizer.Tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The bytes of a vocabulary's tokens as a trie, its nodes in the order of a walk: a node's descendants come right behind it. Control tokens
 * are not in it, but for those that are asked for, and neither are tokens without text. Immutable.
 */
public final class TokenTrie {
    private final int vocab;
    private final int[] endTokens;
    /** By node, of which 0 is the root: the byte that leads to it, its depth, the first node that is not below it, a token that ends there or -1. */
    private final byte[] label;
    private final short[] depth;
    private final int[] after;
    private final int[] token;
    /** By token: another one with the same bytes, or -1. */
    private final int[] twin;
    private final int nodes;
    private final int maxDepth;

    /** {@code start}: the first eight bytes as one number, as most comparisons need no more. */
    private record Entry(byte[] bytes, int id, long start) {
        Entry(byte[] bytes, int id) {
            this(bytes, id, start(bytes));
        }

        private static long start(byte[] bytes) {
            long start = 0;
            for (int i = 0; i < 8; i++) {
                start = start << 8 | (i < bytes.length ? bytes[i] & 255 : 0);
            }
            return start ^ Long.MIN_VALUE;
        }
    }

    /**
     * The trie of {@code tokenizer}.
     *
     * @param vocab     rows of logits: ids from there on can't come
     * @param endTokens what a text may end with
     * @param marks     special tokens that stand for their text all the same
     */
    public TokenTrie(Tokenizer tokenizer, int vocab, int[] endTokens, Set<Integer> marks) {
        this.vocab = vocab;
        this.endTokens = endTokens.clone();
        List<Entry> entries = entries(tokenizer, marks);
        int total = 1;
        for (Entry entry : entries) {
            total += entry.bytes.length;
        }
        byte[] labels = new byte[total];
        short[] depths = new short[total];
        int[] tokens = new int[total];
        int[] ends = new int[total];
        twin = new int[vocab];
        Arrays.fill(twin, -1);
        int[] path = new int[Short.MAX_VALUE + 1];
        byte[] last = {};
        int count = 1;
        int deepest = 0;
        tokens[0] = -1;
        for (Entry entry : entries) {
            int shared = shared(last, entry.bytes);
            for (int d = last.length; d > shared; d--) {
                ends[path[d]] = count;
            }
            for (int d = shared + 1; d <= entry.bytes.length; d++) {
                labels[count] = entry.bytes[d - 1];
                depths[count] = (short) d;
                tokens[count] = -1;
                path[d] = count++;
            }
            int node = path[entry.bytes.length];
            twin[entry.id] = tokens[node];
            tokens[node] = entry.id;
            last = entry.bytes;
            deepest = Math.max(deepest, last.length);
        }
        for (int d = last.length; d >= 0; d--) {
            ends[path[d]] = count;
        }
        nodes = count;
        maxDepth = deepest;
        label = Arrays.copyOf(labels, count);
        depth = Arrays.copyOf(depths, count);
        token = Arrays.copyOf(tokens, count);
        after = Arrays.copyOf(ends, count);
    }

    private List<Entry> entries(Tokenizer tokenizer, Set<Integer> marks) {
        List<Entry> entries = new ArrayList<>();
        for (int id = 0; id < Math.min(vocab, tokenizer.vocabSize()); id++) {
            if (isEnd(id) || tokenizer.isSpecial(id) && !marks.contains(id)) {
                continue;
            }
            byte[] bytes = tokenizer.bytes(id);
            if (bytes.length > 0 && bytes.length <= Short.MAX_VALUE) {
                entries.add(new Entry(bytes, id));
            }
        }
        entries.sort((a, b) -> a.start != b.start ? Long.compare(a.start, b.start) : compare(a.bytes, b.bytes));
        return entries;
    }

    private static int compare(byte[] a, byte[] b) {
        int shared = shared(a, b);
        return shared < a.length && shared < b.length ? (a[shared] & 255) - (b[shared] & 255) : a.length - b.length;
    }

    private static int shared(byte[] a, byte[] b) {
        int count = 0;
        while (count < a.length && count < b.length && a[count] == b[count]) {
            count++;
        }
        return count;
    }

    private boolean isEnd(int id) {
        for (int end : endTokens) {
            if (end == id) {
                return true;
            }
        }
        return false;
    }

    int vocab() {
        return vocab;
    }

    /** The same where so many spaces at the start of the next token are none of the text. */
    int[] allowedAfterSpaces(StateTable table, StateTable.State start, int spaces) {
        return walk(table, start, spaces);
    }

    /** One bit a token whose bytes may follow, or that may end the text; all 0 where the vocabulary has none. */
    int[] allowed(StateTable table, StateTable.State start) {
        return walk(table, start, 0);
    }

    private int[] walk(StateTable table, StateTable.State start, int spaces) {
        int[] words = new int[(vocab + 31) / 32];
        var states = new StateTable.State[maxDepth + 1];
        states[0] = start;
        for (int node = 1; node < nodes; ) {
            int d = depth[node];
            boolean dropped = d <= spaces && label[node] == ' ' && states[d - 1] == start;
            StateTable.State state = dropped ? start : table.step(states[d - 1], label[node] & 255);
            if (state.isDead()) {
                node = after[node];
                continue;
            }
            states[d] = state;
            for (int id = token[node]; id >= 0; id = twin[id]) {
                words[id >> 5] |= 1 << id;
            }
            node = state.isFinal() && !dropped ? after[node] : node + 1;
        }
        if (start.accepts) {
            for (int end : endTokens) {
                words[end >> 5] |= 1 << end;
            }
        }
        return words;
    }
}
