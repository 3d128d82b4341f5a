package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;

import java.util.ArrayList;
import java.util.List;

/**
 * Decides what the next step computes: first one token of every text that is being written, then as much of the prompts as the
 * batch has room for, first come first served. Pages of the KV cache are given out as texts grow; when they run out, cached prefixes go
 * first, then the youngest text waits and is computed again later (the tokens come out the same, see sampling.Random). A text whose last token the host has not
 * read yet goes on all the same, as far as it can be foreseen.
 */
final class Scheduler implements AutoCloseable {
    private final Limits limits;
    private final KvPool pool;
    private final PrefixCache cache = new PrefixCache();
    private final List<Generation> waiting = new ArrayList<>();
    /** In order of admission: the last is pre-empted first. */
    private final List<Generation> running = new ArrayList<>();
    /** Set where somebody would have to be pre-empted while steps are under way: they are awaited first. */
    private boolean draining;

    Scheduler(Executable executable) {
        limits = executable.limits();
        pool = executable.kvPool();
    }

    void add(Generation generation) {
        waiting.add(generation);
    }

    boolean hasWork() {
        return !waiting.isEmpty() || !running.isEmpty();
    }

    int running() {
        return running.size();
    }

    int waiting() {
        return waiting.size();
    }

    /** Whether the host has a say in some text's next token, so that steps have to be read one by one. */
    boolean needsHost() {
        for (Generation generation : running) {
            if (generation.request.needsHost()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The next batch; {@code batched} receives the generation of each of its items. Empty when there is nothing left to do before the steps
     * under way are read.
     */
    Batch nextBatch(List<Generation> batched) {
        failCancelled(waiting);
        failCancelled(running);
        removeEnded();
        admit();
        draining = false;
        List<Batch.Item> items = new ArrayList<>();
        // Decode steps first, so that a long prompt never holds up a text that is being read.
        int room = addItems(true, limits.maxTokens(), items, batched);
        addItems(false, room, items, batched);
        if (draining) {
            batched.clear();
            return new Batch(List.of());
        }
        return new Batch(items);
    }

    /** Adds what decodes or what is still reading its prompt; gives the room that is left. */
    private int addItems(boolean decoding, int room, List<Batch.Item> items, List<Generation> batched) {
        for (Generation generation : List.copyOf(running)) {
            if (generation.sequence != null && generation.pendingTokens() == 1 == decoding && generation.canStep() && room > 0 && !draining) {
                room -= addItem(generation, Math.min(room, generation.pendingTokens()), items, batched);
            }
        }
        return room;
    }

    private int addItem(Generation generation, int count, List<Batch.Item> items, List<Generation> batched) {
        if (batched.contains(generation) || !makeRoom(generation, count, batched)) {
            return 0;
        }
        boolean last = count == generation.pendingTokens();
        items.add(new Batch.Item(generation.sequence, generation.nextTokens(count), last ? 1 : 0, last ? generation.deviceSpec() : null,
            last && generation.wantsLogits()));
        batched.add(generation);
        return count;
    }

    /**
     * Frees pages until the batch so far and {@code count} more tokens fit. A pre-empted generation leaves {@code running}; false when that
     * is {@code generation} itself, or when steps under way have to be read first: what they end may make room.
     */
    private boolean makeRoom(Generation generation, int count, List<Generation> batched) {
        while (pagesOf(batched) + generation.sequence.pagesToAppend(count) > pool.freePages()) {
            if (cache.dropOldest()) {
                continue;
            }
            if (stepsUnderWay()) {
                draining = true;
                return false;
            }
            Generation youngest = youngestOutside(batched);
            if (youngest == null || youngest == generation && running.size() == 1) {
                throw pool.exhausted();
            }
            youngest.preempt();
            running.remove(youngest);
            waiting.add(0, youngest);
            if (youngest == generation) {
                return false;
            }
        }
        return true;
    }

    private boolean stepsUnderWay() {
        for (Generation generation : running) {
            if (generation.ahead > 0) {
                return true;
            }
        }
        return false;
    }

    /** Pages that the items of this batch will take when it is submitted; those of earlier items are not taken yet. */
    private int pagesOf(List<Generation> batched) {
        int pages = 0;
        int room = limits.maxTokens();
        for (Generation generation : batched) {
            int count = Math.min(room, generation.pendingTokens());
            pages += generation.sequence.pagesToAppend(count);
            room -= count;
        }
        return pages;
    }

    private Generation youngestOutside(List<Generation> batched) {
        for (int i = running.size() - 1; i >= 0; i--) {
            if (!batched.contains(running.get(i))) {
                return running.get(i);
            }
        }
        return null;
    }

    /** Starts waiting generations while there is place, each on the longest prefix that is in the KV cache already. */
    private void admit() {
        while (!waiting.isEmpty() && running.size() < limits.maxSequences()) {
            Generation next = waiting.get(0);
            // The last token is always computed: its row of logits is wanted.
            int limit = next.tokens.size() - 1;
            int match = next.request.cachePrompt() ? cache.longestMatch(next.tokens, limit) : 0;
            Generation twin = next.request.cachePrompt() ? bestTwin(next, limit, match) : null;
            if (twin != null && twin.sequence.length() < twin.tokens.commonPrefix(next.tokens, limit)) {
                return; // Its prompt is being computed right now: cheaper to wait than to compute it twice.
            }
            if (twin == null && !running.isEmpty() && pagesFor(next.tokens.size()) > pool.freePages() + cachePages()) {
                return; // It would only push out what runs.
            }
            waiting.remove(0);
            running.add(next);
            next.start(sequenceFor(next, twin, limit, match));
        }
    }

    private Sequence sequenceFor(Generation next, Generation twin, int limit, int match) {
        if (twin != null) {
            Sequence fork = twin.sequence.fork();
            fork.truncate(Math.min(twin.sequence.length(), twin.tokens.commonPrefix(next.tokens, limit)));
            return fork;
        }
        Sequence cached = match > 0 ? cache.fork(next.tokens, match) : null;
        return cached != null ? cached : pool.newSequence();
    }

    /** The running generation whose text shares more with {@code next} than the cache does, by a page at least; or null. */
    private Generation bestTwin(Generation next, int limit, int match) {
        Generation best = null;
        int longest = match + KvPool.PAGE_TOKENS - 1;
        for (Generation generation : running) {
            int common = generation.tokens.commonPrefix(next.tokens, limit);
            if (common > longest) {
                longest = common;
                best = generation;
            }
        }
        return best;
    }

    /** Pages that only cached prefixes hold, or fewer: dropping all of them frees at least so many. */
    private int cachePages() {
        int used = 0;
        for (Generation generation : running) {
            used += generation.sequence.pageCount();
        }
        return Math.max(0, pool.pages() - pool.freePages() - used);
    }

    private static int pagesFor(int tokens) {
        return (tokens + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
    }

    private static void failCancelled(List<Generation> generations) {
        for (Generation generation : List.copyOf(generations)) {
            if (generation.request.cancellation().isCancelled()) {
                generation.fail(new CremaException(ErrorCode.CANCELLED, "The request was cancelled.", ""));
            }
        }
    }

    /** Takes out what has ended; the KV cache of what may be continued is kept as a prefix. */
    void removeEnded() {
        waiting.removeIf(Generation::ended);
        for (Generation generation : List.copyOf(running)) {
            if (generation.ended()) {
                running.remove(generation);
                dropVoid(generation);
                if (generation.request.cachePrompt() && generation.sequence.length() > 0) {
                    cache.add(generation.tokens, generation.sequence);
                } else {
                    generation.sequence.close();
                }
                generation.sequence = null;
            }
        }
    }

    /** Takes back what steps ahead have added since the rule that ended the text. */
    private static void dropVoid(Generation generation) {
        Sequence sequence = generation.sequence;
        sequence.truncate(Math.min(sequence.length(), generation.tokens.size()));
    }

    /** The same texts on another executable: all are computed anew, those first that ran. This one is of no use any more. */
    Scheduler movedTo(Executable other) {
        Scheduler moved = new Scheduler(other);
        for (Generation generation : running) {
            generation.preempt();
            moved.add(generation);
        }
        waiting.forEach(moved::add);
        return moved;
    }

    void failAll(CremaException error) {
        for (Generation generation : List.copyOf(waiting)) {
            generation.fail(error);
        }
        for (Generation generation : List.copyOf(running)) {
            generation.fail(error);
        }
        removeEnded();
    }

    /** Gives all pages back. */
    @Override
    public void close() {
        cache.close();
    }
}
