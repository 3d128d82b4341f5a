package dev.crema.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Random lives of sequences against a model that remembers every token, with pages as arrays of tokens. */
class KvPoolTest {
    private static final int PAGES = 12;
    private static final Limits LIMITS = new Limits(64, 64, 8, 100, PAGES);

    private final int[] memory = new int[PAGES * KvPool.PAGE_TOKENS];
    private final KvPool pool = new KvPool(PAGES, (from, to) -> System.arraycopy(memory, from * KvPool.PAGE_TOKENS, memory, to * KvPool.PAGE_TOKENS,
        KvPool.PAGE_TOKENS));
    private final List<Sequence> sequences = new ArrayList<>();
    private final List<List<Integer>> texts = new ArrayList<>();
    private int nextToken;

    @Test
    void sequencesKeepTheirTokensAndPagesAreConserved() {
        for (int seed = 0; seed < 60; seed++) {
            live(new Random(seed), "seed " + seed);
        }
    }

    private void live(Random random, String what) {
        for (int i = 0; i < 300; i++) {
            int which = sequences.isEmpty() ? -1 : random.nextInt(sequences.size());
            switch (which < 0 ? 0 : random.nextInt(8)) {
                case 0 -> add(pool.newSequence(), new ArrayList<>());
                case 1 -> add(sequences.get(which).fork(), new ArrayList<>(texts.get(which)));
                case 2 -> {
                    int length = random.nextInt(texts.get(which).size() + 1);
                    sequences.get(which).truncate(length);
                    texts.set(which, new ArrayList<>(texts.get(which).subList(0, length)));
                }
                case 3 -> {
                    sequences.remove(which).close();
                    texts.remove(which);
                }
                default -> submit(random, what);
            }
            check(what + " step " + i);
        }
        sequences.forEach(Sequence::close);
        sequences.clear();
        texts.clear();
        assertEquals(PAGES, pool.freePages(), what);
    }

    private void add(Sequence sequence, List<Integer> text) {
        sequences.add(sequence);
        texts.add(text);
    }

    /** Some sequences at once, which may be too much: then nothing changes. */
    private void submit(Random random, String what) {
        var items = new ArrayList<Batch.Item>();
        var members = new ArrayList<Integer>();
        for (int s = 0; s < sequences.size(); s++) {
            if (random.nextInt(3) == 0) {
                int[] tokens = new int[1 + random.nextInt(40)];
                for (int i = 0; i < tokens.length; i++) {
                    tokens[i] = nextToken++;
                }
                items.add(new Batch.Item(sequences.get(s), tokens, random.nextInt(tokens.length + 1), null, false));
                members.add(s);
            }
        }
        var batch = new Batch(items);
        int free = pool.freePages();
        FlatBatch flat;
        try {
            flat = FlatBatch.of(batch, LIMITS, pool, Integer.MAX_VALUE);
        } catch (IllegalArgumentException | CremaException e) {
            assertEquals(free, pool.freePages(), what);
            return;
        }
        for (int t = 0; t < flat.tokens; t++) {
            memory[flat.slots[t]] = flat.tokenIds[t];
            assertEquals(flat.slots[t], slotByTable(flat, t), what);
        }
        for (int i = 0; i < items.size(); i++) {
            for (int token : items.get(i).tokens()) {
                texts.get(members.get(i)).add(token);
            }
            assertEquals(sequences.get(members.get(i)).length(), flat.lengths[i], what);
        }
    }

    private static int slotByTable(FlatBatch flat, int token) {
        int position = flat.positions[token];
        int page = flat.pageTable[flat.sequenceOf[token] * flat.pageStride + position / KvPool.PAGE_TOKENS];
        return page * KvPool.PAGE_TOKENS + position % KvPool.PAGE_TOKENS;
    }

    private void check(String what) {
        var used = new HashSet<Integer>();
        for (int s = 0; s < sequences.size(); s++) {
            Sequence sequence = sequences.get(s);
            assertEquals(texts.get(s).size(), sequence.length(), what);
            for (int p = 0; p < sequence.length(); p++) {
                assertEquals(texts.get(s).get(p), memory[sequence.slot(p)], what + " sequence " + s + " position " + p);
            }
            for (int i = 0; i < sequence.pageCount(); i++) {
                used.add(sequence.page(i));
            }
        }
        assertEquals(PAGES, pool.freePages() + used.size(), what);
    }

    private static Batch batch(Sequence sequence, int... tokens) {
        return new Batch(List.of(new Batch.Item(sequence, tokens, 1, null, false)));
    }

    @Test
    void twoForksOfAFullPoolNeedOneCopyOnly() {
        var two = new KvPool(2, (from, to) -> { });
        Sequence a = two.newSequence();
        FlatBatch.of(batch(a, 1, 2, 3), LIMITS, two, 10);
        Sequence b = a.fork();
        var both = new Batch(List.of(new Batch.Item(a, new int[] {4}, 1, null, false), new Batch.Item(b, new int[] {5}, 1, null, false)));
        FlatBatch.of(both, LIMITS, two, 10);
        assertEquals(0, two.freePages());
        assertFalse(a.page(0) == b.page(0));
    }

    @Test
    void aBatchThatDoesNotFitChangesNothing() {
        Sequence a = pool.newSequence();
        Sequence closed = pool.newSequence();
        closed.close();
        Sequence foreign = new KvPool(2, (from, to) -> { }).newSequence();
        assertThrows(IllegalArgumentException.class, () -> FlatBatch.of(batch(a, 1, 2, 99), LIMITS, pool, 99));
        assertThrows(IllegalArgumentException.class, () -> FlatBatch.of(batch(a, new int[65]), LIMITS, pool, 99));
        for (Sequence other : List.of(closed, foreign, a)) {
            var mixed = new Batch(List.of(new Batch.Item(a, new int[1], 1, null, false), new Batch.Item(other, new int[1], 1, null, false)));
            assertThrows(RuntimeException.class, () -> FlatBatch.of(mixed, LIMITS, pool, 99));
        }
        assertEquals(0, a.length());
        assertEquals(PAGES, pool.freePages());
    }

    @Test
    void exhaustionSaysHowMuchThereIs() {
        var small = new KvPool(1, (from, to) -> { });
        Sequence a = small.newSequence();
        CremaException e = assertThrows(CremaException.class, () -> FlatBatch.of(batch(a, new int[17]), LIMITS, small, 99));
        assertEquals(ErrorCode.OUT_OF_MEMORY, e.code());
        assertTrue(e.getMessage().contains("All 1 pages of the KV cache (16 tokens)"), e.getMessage());
    }
}
