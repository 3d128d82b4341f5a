package dev.crema.device;

/** What the pages of a KV cache hold, as the device keeps it: to be saved, and brought back to a device of the same kind. */
public interface KvPages {
    /** Names all that must be alike in two caches for one to take pages of the other: device, layout, number format, layers, heads. */
    String format();

    /** Bytes of one page over all layers, k and v. */
    int pageBytes();

    /** {@code pages.length * pageBytes}, as they are after all steps submitted so far. */
    byte[] awaitRead(int[] pages);

    /**
     * Sets a page, before any step that is submitted later. {@code bytes} are {@link #pageBytes} from {@code offset} on; {@code tokens} are the ids of
     * the page's tokens, at most {@link KvPool#PAGE_TOKENS}.
     */
    void write(int page, int[] tokens, byte[] bytes, int offset);
}
