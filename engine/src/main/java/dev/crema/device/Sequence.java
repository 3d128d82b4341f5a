package dev.crema.device;

import java.util.Arrays;

/**
 * The KV cache of one text: an ordered list of pages and a length in tokens. A sequence that is not closed keeps its pages. Forks
 * share pages with the original; both go on independently.
 */
public final class Sequence implements AutoCloseable {
    private final KvPool pool;
    private int[] pages;
    private int pageCount;
    private int length;
    private boolean closed;
    private int truncations;
    /** The row of the last step that sampled the next token, and the number of that step; -1 for none. */
    private int sampledRow;
    private long sampledStep = -1;

    Sequence(KvPool pool) {
        this(pool, new int[4], 0, 0);
    }

    private Sequence(KvPool pool, int[] pages, int pageCount, int length) {
        this.pool = pool;
        this.pages = pages;
        this.pageCount = pageCount;
        this.length = length;
    }

    /** Tokens whose k and v are in the cache (or on their way there). */
    public int length() {
        return length;
    }

    public int pageCount() {
        return pageCount;
    }

    /** The page that holds tokens {@code index * PAGE_TOKENS ...}. */
    public int page(int index) {
        return pages[index];
    }

    /** Where the token at {@code position} is kept: {@code page * PAGE_TOKENS + place in the page}. */
    public int slot(int position) {
        return pages[position / KvPool.PAGE_TOKENS] * KvPool.PAGE_TOKENS + position % KvPool.PAGE_TOKENS;
    }

    /** A second sequence with the same tokens; costs no memory until one of the two grows. */
    public Sequence fork() {
        checkOpen();
        for (int i = 0; i < pageCount; i++) {
            pool.retain(pages[i]);
        }
        return new Sequence(pool, pages.clone(), pageCount, length);
    }

    /** Forgets all but the first {@code newLength} tokens. */
    public void truncate(int newLength) {
        checkOpen();
        if (newLength < 0 || newLength > length) {
            throw new IllegalArgumentException("can't truncate " + length + " tokens to " + newLength);
        }
        int keep = pagesFor(newLength);
        while (pageCount > keep) {
            pool.release(pages[--pageCount]);
        }
        if (newLength < length) {
            truncations++;
            sampledStep = -1;
        }
        length = newLength;
    }

    /** Counts how often tokens were taken away: as long as it stays, the sequence only grew. */
    public int truncations() {
        return truncations;
    }

    /** Whether the step submitted last sampled this sequence's next token, so that {@link Batch#SAMPLED} may stand for it. */
    public boolean hasSampled() {
        return sampledStep == pool.steps();
    }

    /** The row of the last step that sampled the next token. */
    int sampledRow() {
        return sampledRow;
    }

    /** Remembers the row of the step under submission that samples the next token, or -1 for none. */
    void samples(int row) {
        sampledRow = row;
        sampledStep = row < 0 ? -1 : pool.steps();
    }

    /** Free pages that {@code append(tokens)} would take, a copied page among them. */
    public int pagesToAppend(int tokens) {
        return pagesFor(length + tokens) - pageCount + (pageToCopy() < 0 ? 0 : 1);
    }

    /** The shared page that appending would write and so has to copy first, or -1. */
    int pageToCopy() {
        int last = pageCount - 1;
        return length % KvPool.PAGE_TOKENS != 0 && pool.references(pages[last]) > 1 ? pages[last] : -1;
    }

    /** Makes room for the next tokens; throws OUT_OF_MEMORY and changes nothing when the pool has too few pages. */
    void append(int tokens) {
        checkOpen();
        if (pagesToAppend(tokens) > pool.freePages()) {
            throw pool.exhausted();
        }
        if (pageToCopy() >= 0) {
            pages[pageCount - 1] = pool.unshare(pages[pageCount - 1]);
        }
        int needed = pagesFor(length + tokens);
        if (needed > pages.length) {
            pages = Arrays.copyOf(pages, Math.max(needed, 2 * pages.length));
        }
        while (pageCount < needed) {
            pages[pageCount++] = pool.acquire();
        }
        length += tokens;
    }

    /** Gives the pages back. Closing twice is harmless. */
    @Override
    public void close() {
        if (!closed) {
            truncate(0);
            closed = true;
        }
    }

    /** Refuses a sequence that is closed or keeps its tokens elsewhere. */
    void checkIn(KvPool other) {
        checkOpen();
        if (pool != other) {
            throw new IllegalArgumentException("the sequence belongs to another executable's KV pool");
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the sequence is closed");
        }
    }

    private static int pagesFor(int tokens) {
        return (tokens + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
    }
}
