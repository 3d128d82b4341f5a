package dev.crema.build.lanes.write;

/** The memory that a module imports. */
public record MemoryKind(boolean shared, boolean wide) {
    /**
     * Most pages of 64 KiB. One less than a 32-bit memory can have: an address within it plus an offset of less than 2^16 then never
     * wraps, which is what lets offsets be folded.
     */
    public static final int MOST_PAGES = 65535;
    /** V8's limit: 16 GiB. */
    public static final int MOST_PAGES_WIDE = 262144;

    int flags() {
        return 1 | (shared ? 2 : 0) | (wide ? 4 : 0);
    }

    int mostPages() {
        return wide ? MOST_PAGES_WIDE : MOST_PAGES;
    }
}
