package dev.crema.reference;

import dev.crema.device.HostTexts;
import dev.crema.device.KvPages;
import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;
import dev.crema.tensor.DType;

/** Pages of the reference device's cache: of each layer k, then v where it is apart, floats of 16 tokens, little-endian. */
final class CachePages implements KvPages {
    private final KvCache cache;
    private final HostTexts texts;
    private final String format;
    private final int sideFloats;
    private final int sides;

    CachePages(KvCache cache, HostTexts texts, KvLayout layout, DType format) {
        this.cache = cache;
        this.texts = texts;
        this.format = "reference " + format + " " + layout;
        sideFloats = KvPool.PAGE_TOKENS * layout.width();
        sides = layout.sides();
    }

    @Override
    public String format() {
        return format;
    }

    @Override
    public int pageBytes() {
        return sides * cache.keys.length * sideFloats * 4;
    }

    @Override
    public byte[] awaitRead(int[] pages) {
        byte[] bytes = new byte[Math.multiplyExact(pages.length, pageBytes())];
        int at = 0;
        for (int page : pages) {
            for (int layer = 0; layer < cache.keys.length; layer++) {
                at = put(cache.keys[layer], page, bytes, at);
                at = sides == 1 ? at : put(cache.values[layer], page, bytes, at);
            }
        }
        return bytes;
    }

    private int put(float[] side, int page, byte[] bytes, int at) {
        for (int i = page * sideFloats; i < (page + 1) * sideFloats; i++) {
            int bits = Float.floatToRawIntBits(side[i]);
            for (int shift = 0; shift < 32; shift += 8) {
                bytes[at++] = (byte) (bits >> shift);
            }
        }
        return at;
    }

    @Override
    public void write(int page, int[] tokens, byte[] bytes, int offset) {
        texts.write(page, tokens);
        int at = offset;
        for (int layer = 0; layer < cache.keys.length; layer++) {
            at = take(cache.keys[layer], page, bytes, at);
            at = sides == 1 ? at : take(cache.values[layer], page, bytes, at);
        }
    }

    private int take(float[] side, int page, byte[] bytes, int at) {
        for (int i = page * sideFloats; i < (page + 1) * sideFloats; i++) {
            int bits = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                bits |= (bytes[at++] & 255) << shift;
            }
            side[i] = Float.intBitsToFloat(bits);
        }
        return at;
    }
}
