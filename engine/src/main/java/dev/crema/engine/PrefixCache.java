package dev.crema.engine;

import dev.crema.device.Sequence;

import java.util.ArrayList;
import java.util.List;

/**
 * Sequences of finished generations, kept so that a text that begins alike need not be computed again. They hold pages only as long as
 * nobody else needs them: the one unused for longest goes first.
 */
final class PrefixCache implements AutoCloseable {
    private static final int MAX_ENTRIES = 64;

    private record Entry(TokenList tokens, TokenForms forms, Sequence sequence) { }

    /** Least recently used first. */
    private final List<Entry> entries = new ArrayList<>();

    /** The most tokens of {@code next}, looking at {@code limit} of them, that one entry begins with. */
    int longestMatch(Generation next, int limit) {
        int longest = 0;
        for (Entry entry : entries) {
            longest = Math.max(longest, match(next, entry, limit));
        }
        return longest;
    }

    private static int match(Generation next, Entry entry, int limit) {
        return next.commonPrefix(entry.tokens, entry.forms, Math.min(limit, entry.sequence.length()));
    }

    /** A sequence of one's own with exactly the first {@code length} tokens, where {@link #longestMatch} found them; else null. */
    Sequence fork(Generation next, int length) {
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (match(next, entry, length) == length) {
                entries.add(entries.remove(i));
                next.forms.inherit(entry.forms, length);
                Sequence fork = entry.sequence.fork();
                fork.truncate(length);
                return fork;
            }
        }
        return null;
    }

    /** A text's first tokens with a sequence of one's own. */
    record Fork(TokenList tokens, TokenForms forms, Sequence sequence) { }

    /** A fork of the entry that begins with the most of {@code tokens}, of exactly those; null where none has the first. */
    Fork longestFork(TokenList tokens) {
        Entry best = null;
        int longest = 0;
        for (Entry entry : entries) {
            int common = tokens.commonPrefix(entry.tokens, Math.min(tokens.size(), entry.sequence.length()));
            if (common > longest) {
                best = entry;
                longest = common;
            }
        }
        if (best == null) {
            return null;
        }
        Sequence fork = best.sequence.fork();
        fork.truncate(longest);
        return new Fork(best.tokens, best.forms, fork);
    }

    /** Takes over {@code sequence}, whose contents are the first {@code sequence.length()} of {@code tokens}. */
    void add(TokenList tokens, TokenForms forms, Sequence sequence) {
        // An entry that the new one begins with can't match anything better.
        for (int i = entries.size() - 1; i >= 0; i--) {
            int length = entries.get(i).sequence.length();
            if (length <= sequence.length() && tokens.commonPrefix(entries.get(i).tokens, length) == length) {
                entries.remove(i).sequence.close();
            }
        }
        if (entries.size() == MAX_ENTRIES) {
            dropOldest();
        }
        entries.add(new Entry(tokens, forms, sequence));
    }

    /** Gives the pages of the oldest entry back; false when there is none. */
    boolean dropOldest() {
        if (entries.isEmpty()) {
            return false;
        }
        entries.remove(0).sequence.close();
        return true;
    }

    @Override
    public void close() {
        while (dropOldest()) { }
    }
}
