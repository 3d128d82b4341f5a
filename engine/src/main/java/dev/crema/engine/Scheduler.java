package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Decides what the next step computes: first one token of every text that is being written, then as much of the prompts as the
 * batch has room for, first come first served among those of the same priority. Pages of the KV cache are given out as texts grow; when they run out, cached prefixes go
 * first, then the youngest text waits and is computed again later (the tokens come out the same, see sampling.Random and {@link TokenForms}).
 * A text that its sender holds has no part in steps, and its place goes to others who wait. A text whose last token the host has not read yet goes on all the same, as far as it can be foreseen. Where a device computes many rows in
 * another form than few, a step has one form: a text's tokens don't depend on what else is computed meanwhile.
 */
final class Scheduler implements AutoCloseable {
    private final Limits limits;
    private final KvPool pool;
    /** Rows of a step in the form of decode steps, at most. */
    private final int decodeRows;
    private final PrefixCache cache = new PrefixCache();
    private final List<Generation> waiting = new ArrayList<>();
    /** In order of admission: the last is pre-empted first. */
    private final List<Generation> running = new ArrayList<>();
    /** Set where somebody would have to be pre-empted while steps are under way: they are awaited first. */
    private boolean draining;
    /** Whether the last batch had the form of prompts, and how many there were. */
    private boolean prefilledLast;
    private long batches;

    Scheduler(Executable executable) {
        limits = executable.limits();
        pool = executable.kvPool();
        decodeRows = limits.maxTokens() <= executable.decodeRows() ? Integer.MAX_VALUE : executable.decodeRows();
    }

    /** Behind those that wait already, but before those of lower priority. */
    void add(Generation generation) {
        int at = waiting.size();
        while (at > 0 && waiting.get(at - 1).request.priority() < generation.request.priority()) {
            at--;
        }
        waiting.add(at, generation);
    }

    boolean hasWork() {
        return !waiting.isEmpty() || !running.isEmpty();
    }

    /** Whether there are requests, all of them held. */
    boolean isHeld() {
        for (Generation generation : running) {
            if (!generation.request.isHeld()) {
                return false;
            }
        }
        for (Generation generation : waiting) {
            if (!generation.request.isHeld()) {
                return false;
            }
        }
        return hasWork();
    }

    PrefixCache cache() {
        return cache;
    }

    int running() {
        return running.size();
    }

    int waiting() {
        return waiting.size();
    }

    List<SlotStatus> slots() {
        List<SlotStatus> slots = new ArrayList<>();
        running.forEach(generation -> slots.add(generation.slot()));
        waiting.forEach(generation -> slots.add(generation.slot()));
        return slots;
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
        endStopped(waiting);
        endStopped(running);
        removeEnded();
        waiting.forEach(Generation::look);
        running.forEach(Generation::look);
        admit();
        draining = false;
        boolean prefill = prefillsNext();
        List<Batch.Item> items = new ArrayList<>();
        int room = prefill ? limits.maxTokens() : Math.min(decodeRows, limits.maxTokens());
        for (Generation generation : inTurn()) {
            if (generation.sequence != null && room > 0 && !draining && !generation.held() && generation.canStep() && generation.prefillsNext() == prefill) {
                room -= addItem(generation, room, prefill, items, batched);
            }
        }
        if (draining) {
            batched.clear();
        }
        if (batched.isEmpty()) {
            return new Batch(List.of());
        }
        batches++;
        prefilledLast = prefill;
        for (int i = 0; i < items.size(); i++) {
            batched.get(i).batched(batches, items.get(i).tokens().length, prefill);
        }
        return new Batch(items, prefill);
    }

    /**
     * Whether the next batch has the form of prompts: in turn with decode steps, so that a long prompt never holds up a text that is being
     * read, even where its next step has to wait for the host.
     */
    private boolean prefillsNext() {
        boolean anyPrefill = false;
        boolean anyDecode = false;
        for (Generation generation : running) {
            boolean prefill = generation.prefillsNext();
            boolean held = generation.held();
            anyPrefill |= prefill && !held;
            anyDecode |= !prefill && !held;
        }
        return anyPrefill && !(anyDecode && prefilledLast);
    }

    /** Those first whose last batch is longest ago where not all have room in one; what has one token pending before what has a prompt. */
    private List<Generation> inTurn() {
        List<Generation> order = new ArrayList<>(running);
        order.sort(decodeRows == Integer.MAX_VALUE ? Comparator.comparing(generation -> generation.pendingTokens() > 1)
            : Comparator.comparingLong(Generation::lastBatch));
        return order;
    }

    /** Adds what the room allows of a text's pending tokens; gives their number. */
    private int addItem(Generation generation, int room, boolean prefill, List<Batch.Item> items, List<Generation> batched) {
        int count = Math.min(room, generation.nextTokenCount());
        boolean last = count == generation.pendingTokens();
        // More rows of logits than a decode step has would be computed in the form of prompts.
        if (last && prefill && outputs(items) == decodeRows || !makeRoom(generation, count, items, batched)) {
            return 0;
        }
        items.add(new Batch.Item(generation.sequence, generation.nextTokens(count), last ? 1 : 0, last ? generation.deviceSpec() : null,
            last && generation.wantsLogits()));
        batched.add(generation);
        return count;
    }

    private static int outputs(List<Batch.Item> items) {
        int outputs = 0;
        for (Batch.Item item : items) {
            outputs += item.outputs();
        }
        return outputs;
    }

    /**
     * Frees pages until the batch so far and {@code count} more tokens fit. A pre-empted generation leaves {@code running}; false when that
     * is {@code generation} itself, or when steps under way have to be read first: what they end may make room.
     */
    private boolean makeRoom(Generation generation, int count, List<Batch.Item> items, List<Generation> batched) {
        while (pagesOf(items) + generation.sequence.pagesToAppend(count) > pool.freePages()) {
            if (cache.dropOldest() || preemptHeld()) {
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
            preempt(youngest);
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

    /** Pages that the items of this batch will take when it is submitted; those of earlier batches are taken already. */
    private static int pagesOf(List<Batch.Item> items) {
        int pages = 0;
        for (Batch.Item item : items) {
            pages += item.sequence().pagesToAppend(item.tokens().length);
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
        for (Generation next = nextWaiting(); next != null && (running.size() < limits.maxSequences() || preemptHeld()); next = nextWaiting()) {
            // The last token is always computed: its row of logits is wanted.
            int limit = next.tokens.size() - 1;
            int match = next.request.cachePrompt() ? cache.longestMatch(next, limit) : 0;
            Generation twin = next.request.cachePrompt() ? bestTwin(next, limit, match) : null;
            if (twin != null && twin.sequence.length() < twin.commonPrefix(next, limit)) {
                return; // Its prompt is being computed right now: cheaper to wait than to compute it twice.
            }
            if (twin == null && !running.isEmpty() && pagesFor(next.tokens.size()) > pool.freePages() + cachePages()) {
                if (preemptHeld()) {
                    continue;
                }
                return; // It would only push out what runs.
            }
            waiting.remove(next);
            running.add(next);
            next.start(sequenceFor(next, twin, limit, match), decodeRows);
        }
    }

    /** The first that may start, or null. */
    private Generation nextWaiting() {
        for (Generation generation : waiting) {
            if (!generation.held()) {
                return generation;
            }
        }
        return null;
    }

    /** Takes the youngest text that is held back from the KV cache, to go on later; false where there is none. */
    private boolean preemptHeld() {
        for (int i = running.size() - 1; i >= 0; i--) {
            Generation generation = running.get(i);
            if (generation.held() && generation.ahead == 0) {
                preempt(generation);
                return true;
            }
        }
        return false;
    }

    private void preempt(Generation generation) {
        generation.preempt();
        running.remove(generation);
        waiting.add(0, generation);
    }

    private Sequence sequenceFor(Generation next, Generation twin, int limit, int match) {
        if (twin != null) {
            Sequence fork = twin.sequence.fork();
            fork.truncate(Math.min(twin.sequence.length(), twin.commonPrefix(next, limit)));
            next.forms.inherit(twin.forms, fork.length());
            return fork;
        }
        Sequence cached = match > 0 ? cache.fork(next, match) : null;
        return cached != null ? cached : pool.newSequence();
    }

    /** The running generation whose text shares more with {@code next} than the cache does, by a page at least; or null. */
    private Generation bestTwin(Generation next, int limit, int match) {
        Generation best = null;
        int longest = match + KvPool.PAGE_TOKENS - 1;
        for (Generation generation : running) {
            int common = generation.held() ? 0 : generation.commonPrefix(next, limit);
            if (common > longest) {
                longest = common;
                best = generation;
            }
        }
        return best;
    }

    /** Pages that only cached prefixes hold, or fewer: dropping all of them frees at least so many. */
    int cachePages() {
        int used = 0;
        for (Generation generation : running) {
            used += generation.sequence.pageCount();
        }
        return Math.max(0, pool.pages() - pool.freePages() - used);
    }

    private static int pagesFor(int tokens) {
        return (tokens + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
    }

    private static void endStopped(List<Generation> generations) {
        for (Generation generation : List.copyOf(generations)) {
            if (generation.request.cancellation().isCancelled()) {
                generation.fail(new CremaException(ErrorCode.CANCELLED, "The request was cancelled.", ""));
            } else if (generation.request.isFinishing()) {
                generation.finish();
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
                    cache.add(generation.tokens, generation.forms, generation.sequence);
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
