package dev.crema.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

/**
 * Accounts for the pages of a KV cache; a device holds the contents. A page keeps {@link #PAGE_TOKENS} tokens of every layer.
 * Pages are reference-counted, so forks share them; one that is shared is copied before it is written.
 */
public final class KvPool {
    public static final int PAGE_TOKENS = 16;

    /** Copies a page's contents on the device, before any step that is submitted later. */
    @FunctionalInterface
    public interface PageCopier {
        void copy(int fromPage, int toPage);
    }

    private final PageCopier copier;
    private final int[] references;
    private final int[] free;
    private int freeCount;
    /** Steps that were submitted with this pool. */
    private long steps;

    public KvPool(int pages, PageCopier copier) {
        this.copier = copier;
        references = new int[pages];
        free = new int[pages];
        for (int i = 0; i < pages; i++) {
            free[i] = pages - 1 - i;
        }
        freeCount = pages;
    }

    public Sequence newSequence() {
        return new Sequence(this);
    }

    /** One of {@code length} tokens, whose pages are to be written ({@link KvPages}); OUT_OF_MEMORY where there are too few free pages. */
    public Sequence newSequence(int length) {
        Sequence sequence = new Sequence(this);
        sequence.append(length);
        return sequence;
    }

    public int pages() {
        return references.length;
    }

    public int freePages() {
        return freeCount;
    }

    long steps() {
        return steps;
    }

    /** Counts a step that is being submitted. */
    void nextStep() {
        steps++;
    }

    int acquire() {
        if (freeCount == 0) {
            throw exhausted();
        }
        int page = free[--freeCount];
        references[page] = 1;
        return page;
    }

    /** The error of a pool without free pages, with its numbers. */
    public CremaException exhausted() {
        return new CremaException(ErrorCode.OUT_OF_MEMORY, "All " + references.length + " pages of the KV cache (" + references.length
                * PAGE_TOKENS + " tokens) are in use.", "Run fewer requests at once, or load the model with a larger cache.");
    }

    void retain(int page) {
        references[page]++;
    }

    void release(int page) {
        if (--references[page] == 0) {
            free[freeCount++] = page;
        }
    }

    /** Sequences that hold the page. */
    int references(int page) {
        return references[page];
    }

    /** A page of one's own with the contents of a shared one. */
    int unshare(int page) {
        int copy = acquire();
        copier.copy(page, copy);
        release(page);
        return copy;
    }
}
