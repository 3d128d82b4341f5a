package dev.crema.jvm.vector;

import dev.crema.device.Batch;
import dev.crema.device.FlatBatch;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.graph.KvLayout;
import dev.crema.tensor.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PanelCacheTest {
    private static final int HEAD_DIM = 32;
    private static final KvLayout LAYOUT = new KvLayout(2, 2, HEAD_DIM);
    /** Two whole chunks and a short one. */
    private static final int PAGES = 130;
    private static final int TOKENS = 1100;
    private static final Scratch SCRATCH = new Scratch(16, HEAD_DIM);

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "Q8_0", "Q4_0"})
    void tokensBeyondTheFirstChunkAreFoundAndTheRestTakesNoMemory(DType format) {
        var cache = PanelCache.of(LAYOUT, PAGES, format);
        FlatBatch batch = batch();
        assertFalse(cache.has(1, 0));
        fill(cache, batch);
        for (int token : new int[] {0, 1, 15, 16, 1023, 1024, TOKENS - 1}) {
            for (int channel = 0; channel < HEAD_DIM; channel++) {
                assertEquals(value(token, 1, channel), key(cache, batch.slots[token], 1, channel), tolerance(format), "k of token " + token);
                assertEquals(-value(token, 1, channel), val(cache, batch.slots[token], 1, channel), tolerance(format), "v of token " + token);
            }
        }
        assertTrue(cache.has(1, 64));
        assertFalse(cache.has(1, 128), "the chunk that no token came to");
        assertFalse(cache.has(0, 0), "the layer that was not written");
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "Q8_0", "Q4_0"})
    void aPageIsCopiedIntoAChunkThatWasNotUsedYet(DType format) {
        var cache = PanelCache.of(LAYOUT, PAGES, format);
        FlatBatch batch = batch();
        for (int layer = 0; layer < LAYOUT.layers(); layer++) {
            cache.append(layer, row(17), row(17), batch, 17);
        }
        int from = batch.slots[17] / KvPool.PAGE_TOKENS;
        cache.copyPage(from, 129);
        int place = 129 * KvPool.PAGE_TOKENS + batch.slots[17] % KvPool.PAGE_TOKENS;
        for (int channel = 0; channel < HEAD_DIM; channel++) {
            assertEquals(key(cache, batch.slots[17], 1, channel), key(cache, place, 1, channel));
            assertEquals(val(cache, batch.slots[17], 1, channel), val(cache, place, 1, channel));
        }
    }

    /** Of every format half the memory; a panel of values is what keys have, turned; and pages come back as they were read. */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "Q8_0", "Q4_0"})
    void valuesThatArePartsOfKeysAreTurnedOutOfThem(DType format) {
        var layout = new KvLayout(1, 2, HEAD_DIM, 24);
        var cache = PanelCache.of(layout, 3, format);
        FlatBatch batch = batch();
        cache.append(0, row(5), null, batch, 5);
        ByteBuffer page = ByteBuffer.allocate(cache.pageBytes()).order(ByteOrder.LITTLE_ENDIAN);
        cache.read(0, 0, page);
        assertEquals(0, page.remaining());
        cache.makeRoom(0, 2);
        cache.write(0, 2, page.flip());
        assertEquals(PanelCache.bytesPerToken(layout, format) * 2, PanelCache.bytesPerToken(new KvLayout(1, 2, HEAD_DIM), format));
        assertEquals(PanelCache.bytesPerToken(layout, format) * KvPool.PAGE_TOKENS, cache.pageBytes());
        for (int channel = 0; channel < 24; channel++) {
            int panel = cache.weighed(0, 2, 1, channel / Tile.COLUMNS, SCRATCH);
            float found = cache.weighedIn(0, 2, SCRATCH)[panel + 5 * Tile.COLUMNS + channel % Tile.COLUMNS];
            assertEquals(value(5, 1, channel), found, tolerance(format), "channel " + channel);
        }
    }

    /** One sequence of all tokens. */
    private static FlatBatch batch() {
        var pool = new KvPool(PAGES, (from, to) -> { });
        Sequence sequence = pool.newSequence();
        var item = new Batch.Item(sequence, new int[TOKENS], 0, null, false);
        return FlatBatch.of(new Batch(List.of(item)), new Limits(TOKENS, 1, 1, PAGES * KvPool.PAGE_TOKENS, PAGES), pool, 10);
    }

    /** Layer 1 alone; v is -k. */
    private static void fill(PanelCache cache, FlatBatch batch) {
        float[] k = new float[TOKENS * LAYOUT.width()];
        float[] v = new float[k.length];
        for (int token = 0; token < TOKENS; token++) {
            for (int i = 0; i < LAYOUT.width(); i++) {
                k[token * LAYOUT.width() + i] = value(token, i / HEAD_DIM, i % HEAD_DIM);
                v[token * LAYOUT.width() + i] = -k[token * LAYOUT.width() + i];
            }
            cache.append(1, k, v, batch, token);
        }
    }

    /** Rows of which only {@code token} is not zero. */
    private static float[] row(int token) {
        float[] rows = new float[(token + 1) * LAYOUT.width()];
        for (int i = 0; i < LAYOUT.width(); i++) {
            rows[token * LAYOUT.width() + i] = value(token, i / HEAD_DIM, i % HEAD_DIM);
        }
        return rows;
    }

    /** Between 1 and 3, another one for each token and channel nearby. */
    private static float value(int token, int head, int channel) {
        return 1 + (token * 7 + head * 13 + channel * 3) % 64 / 32f;
    }

    /** Half a step of a block that reaches to 3. */
    private static float tolerance(DType format) {
        return switch (format) {
            case F32 -> 0;
            case F16 -> 0.002f;
            case Q8_0 -> 0.013f;
            default -> 0.2f;
        };
    }

    private static float key(PanelCache cache, int slot, int head, int channel) {
        int page = slot / KvPool.PAGE_TOKENS;
        int panel = cache.keyPanel(1, page, head, SCRATCH);
        return cache.keys(1, page, SCRATCH)[panel + channel * KvPool.PAGE_TOKENS + slot % KvPool.PAGE_TOKENS];
    }

    private static float val(PanelCache cache, int slot, int head, int channel) {
        int page = slot / KvPool.PAGE_TOKENS;
        int panel = cache.valuePanel(1, page, head, channel / Tile.COLUMNS, SCRATCH);
        return cache.values(1, page, SCRATCH)[panel + slot % KvPool.PAGE_TOKENS * Tile.COLUMNS + channel % Tile.COLUMNS];
    }
}
