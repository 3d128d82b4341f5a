package dev.crema.jvm.vector;

import dev.crema.device.HostTexts;
import dev.crema.device.KvPages;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Pages of a {@link PanelCache}, one layer after the other. */
final class CachePages implements KvPages {
    private final PanelCache cache;
    private final HostTexts texts;
    private final String format;

    CachePages(PanelCache cache, HostTexts texts, String format) {
        this.cache = cache;
        this.texts = texts;
        this.format = format;
    }

    @Override
    public String format() {
        return format;
    }

    @Override
    public int pageBytes() {
        return cache.layers() * cache.pageBytes();
    }

    @Override
    public byte[] awaitRead(int[] pages) {
        byte[] bytes = new byte[Math.multiplyExact(pages.length, pageBytes())];
        ByteBuffer to = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int page : pages) {
            for (int layer = 0; layer < cache.layers(); layer++) {
                int end = to.position() + cache.pageBytes();
                if (cache.has(layer, page)) {
                    cache.read(layer, page, to);
                }
                to.position(end);
            }
        }
        return bytes;
    }

    @Override
    public void write(int page, int[] tokens, byte[] bytes, int offset) {
        texts.write(page, tokens);
        ByteBuffer from = ByteBuffer.wrap(bytes, offset, pageBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int layer = 0; layer < cache.layers(); layer++) {
            cache.makeRoom(layer, page);
            cache.write(layer, page, from);
        }
    }
}
