package dev.crema.web.wasm;

import dev.crema.device.HostTexts;
import dev.crema.device.KvPages;

/** Pages of the cache in the linear memory: of each layer keys, then values where they are apart. */
final class CachePages implements KvPages {
    private final KvPlace place;
    private final KernelHost host;
    private final HostTexts texts;
    private final String format;

    CachePages(KvPlace place, KernelHost host, HostTexts texts, String format) {
        this.place = place;
        this.host = host;
        this.texts = texts;
        this.format = format;
    }

    @Override
    public String format() {
        return format;
    }

    @Override
    public int pageBytes() {
        return place.sides() * place.pageBytes();
    }

    @Override
    public byte[] awaitRead(int[] pages) {
        byte[] bytes = new byte[Math.multiplyExact(pages.length, pageBytes())];
        int at = 0;
        for (int page : pages) {
            for (int side = 0; side < place.sides(); side++) {
                System.arraycopy(host.readBytes(place.pageAt(side, page), place.pageBytes()), 0, bytes, at, place.pageBytes());
                at += place.pageBytes();
            }
        }
        return bytes;
    }

    @Override
    public void write(int page, int[] tokens, byte[] bytes, int offset) {
        texts.write(page, tokens);
        byte[] part = new byte[place.pageBytes()];
        for (int side = 0; side < place.sides(); side++) {
            System.arraycopy(bytes, offset + side * part.length, part, 0, part.length);
            host.writeBytes(place.pageAt(side, page), part, part.length);
        }
    }
}
