package dev.crema.tokenizer;

import java.util.Arrays;

/**
 * The loop of byte-pair encoding: of all neighbouring symbols that may merge, the best pair merges first, of equal ones the leftmost. A
 * linked list of symbols and a heap of pairs: O(n log n), also for a megabyte of one letter. Buffers are kept between pieces.
 */
final class Merger {
    /** The rules: a candidate is a number that stands for a merge. */
    interface Rules {
        /** The merge of two neighbouring symbols of {@code merger}, or -1. */
        int candidate(Merger merger, int left, int right);

        /** Lower comes first; not negative. */
        int priority(int candidate);

        /** The id that the merge makes. */
        int merged(int candidate);
    }

    private int[] ids = new int[64];
    private int[] starts = new int[64];
    private int[] next = new int[64];
    private int[] previous = new int[64];
    private int[] candidates = new int[64];
    private int count;
    /** Priority in the upper half, symbol in the lower. An entry whose symbol has another candidate by now is stale. */
    private long[] heap = new long[64];
    private int heapSize;

    void clear() {
        count = 0;
        heapSize = 0;
    }

    /** Appends a symbol that begins at {@code start} of the text. */
    void add(int id, int start) {
        if (count == ids.length) {
            int capacity = count * 2;
            ids = Arrays.copyOf(ids, capacity);
            starts = Arrays.copyOf(starts, capacity);
            next = Arrays.copyOf(next, capacity);
            previous = Arrays.copyOf(previous, capacity);
            candidates = Arrays.copyOf(candidates, capacity);
        }
        ids[count] = id;
        starts[count] = start;
        previous[count] = count - 1;
        next[count] = -1;
        if (count > 0) {
            next[count - 1] = count;
        }
        count++;
    }

    int count() {
        return count;
    }

    int id(int symbol) {
        return ids[symbol];
    }

    int start(int symbol) {
        return starts[symbol];
    }

    /** Where the symbol ends in the text, which itself ends at {@code textEnd}. */
    int end(int symbol, int textEnd) {
        return next[symbol] < 0 ? textEnd : starts[next[symbol]];
    }

    /** The symbol after this one, or -1; the first symbol is always 0. */
    int next(int symbol) {
        return next[symbol];
    }

    void merge(Rules rules) {
        for (int i = 0; i < count; i++) {
            propose(i, rules);
        }
        while (heapSize > 0) {
            long best = pop();
            int left = (int) best;
            int candidate = candidates[left];
            if (candidate < 0 || rules.priority(candidate) != (int) (best >>> 32)) {
                continue;
            }
            int right = next[left];
            ids[left] = rules.merged(candidate);
            next[left] = next[right];
            if (next[right] >= 0) {
                previous[next[right]] = left;
            }
            candidates[right] = -1;
            propose(left, rules);
            if (previous[left] >= 0) {
                propose(previous[left], rules);
            }
        }
    }

    private void propose(int left, Rules rules) {
        int candidate = next[left] < 0 ? -1 : rules.candidate(this, left, next[left]);
        candidates[left] = candidate;
        if (candidate >= 0) {
            push((long) rules.priority(candidate) << 32 | left);
        }
    }

    private void push(long entry) {
        if (heapSize == heap.length) {
            heap = Arrays.copyOf(heap, heapSize * 2);
        }
        int at = heapSize++;
        while (at > 0 && heap[at - 1 >> 1] > entry) {
            heap[at] = heap[at - 1 >> 1];
            at = at - 1 >> 1;
        }
        heap[at] = entry;
    }

    private long pop() {
        long top = heap[0];
        long last = heap[--heapSize];
        int at = 0;
        while (2 * at + 1 < heapSize) {
            int child = 2 * at + 1;
            if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= last) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = last;
        return top;
    }
}
