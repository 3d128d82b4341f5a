package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Executable;
import dev.crema.device.KvPages;
import dev.crema.device.KvPool;
import dev.crema.device.Sequence;
import dev.crema.graph.Weight;

import java.util.Map;
import java.util.TreeMap;

/** Takes beginnings of texts out of the prefix cache as bytes, and puts them back. */
final class PrefixSaver {
    private static final byte[] NOTHING = {};

    private final Model model;
    private final Executable executable;
    private final PrefixCache cache;

    PrefixSaver(Model model, Executable executable, PrefixCache cache) {
        this.model = model;
        this.executable = executable;
        this.cache = cache;
    }

    /** As many of {@code tokens} from the start as the cache has, or no bytes where it has none. */
    byte[] awaitSave(int[] tokens) {
        KvPages kv = pages();
        var saved = cache.longestFork(new TokenList(tokens));
        if (saved == null) {
            return NOTHING;
        }
        try (Sequence sequence = saved.sequence()) {
            int length = sequence.length();
            int[] numbers = new int[sequence.pageCount()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = sequence.page(i);
            }
            boolean[] prefilled = new boolean[length];
            for (int i = 0; i < length; i++) {
                prefilled[i] = saved.forms().prefilled(i);
            }
            int[] ids = saved.tokens().slice(0, length);
            return new SavedPrefix(kv.format(), fingerprint(model), ids, prefilled, kv.awaitRead(numbers)).bytes();
        }
    }

    /** Puts what was saved into the cache; the number of its tokens. INVALID_REQUEST where it is another model's, or of another kind of cache. */
    int restore(byte[] bytes) {
        KvPages kv = pages();
        SavedPrefix saved = SavedPrefix.read(bytes);
        check("model", saved.model(), fingerprint(model));
        check("kind of KV cache", saved.format(), kv.format());
        int length = saved.tokens().length;
        int count = (length + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
        if (saved.pages().length != (long) count * kv.pageBytes() || length >= executable.limits().contextLength()) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "The saved KV cache has " + length + " tokens and " + saved.pages().length + " bytes; "
                + count + " pages have " + (long) count * kv.pageBytes() + ", and the context holds " + executable.limits().contextLength() + ".", "");
        }
        while (executable.kvPool().freePages() < count && cache.dropOldest()) { }
        Sequence sequence = executable.kvPool().newSequence(length);
        var forms = new TokenForms();
        for (int i = 0; i < length; i++) {
            forms.set(i, i + 1, saved.prefilled()[i]);
        }
        var tokens = new TokenList(saved.tokens());
        for (int i = 0; i < count; i++) {
            int[] ofPage = tokens.slice(i * KvPool.PAGE_TOKENS, Math.min(length, (i + 1) * KvPool.PAGE_TOKENS));
            kv.write(sequence.page(i), ofPage, saved.pages(), i * kv.pageBytes());
        }
        cache.add(tokens, forms, sequence);
        return length;
    }

    private KvPages pages() {
        KvPages pages = executable.kvPages();
        if (pages == null) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "This device's KV cache can't be saved.", "Save the session without it.");
        }
        return pages;
    }

    private static void check(String what, String saved, String here) {
        if (!saved.equals(here)) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "What was saved is of another " + what + ": " + saved + ", not " + here + ".",
                "The conversation goes on all the same; its tokens are computed again.");
        }
    }

    /** The model's name, and a hash of what its weights are called and how they are stored. */
    private static String fingerprint(Model model) {
        int hash = 17;
        for (Map.Entry<String, Weight> used : new TreeMap<>(model.weights().used()).entrySet()) {
            Weight weight = used.getValue();
            hash = 31 * (31 * (31 * hash + weight.name().hashCode()) + weight.dtype().name().hashCode()) + weight.shape().toString().hashCode();
        }
        return model.id() + " " + Integer.toHexString(hash);
    }
}
