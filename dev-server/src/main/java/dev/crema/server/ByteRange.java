package dev.crema.server;

/** The part of a file that a Range header asks for (RFC 9110, 14.1.2): {@code first} to {@code last}, both inclusive. */
record ByteRange(long first, long last) {
    /** The range can't be had of a file of this size: status 416. */
    static final ByteRange UNSATISFIABLE = new ByteRange(-1, -1);

    long length() {
        return last - first + 1;
    }

    /** Null where the whole file is to be sent: no header, another unit, several ranges, or bad grammar. */
    static ByteRange parse(String header, long size) {
        if (header == null || !header.startsWith("bytes=") || header.indexOf(',') >= 0) {
            return null;
        }
        String range = header.substring(6).strip();
        int dash = range.indexOf('-');
        long first = dash < 0 ? -1 : number(range.substring(0, dash));
        long last = dash < 0 ? -1 : number(range.substring(dash + 1));
        if (dash < 0 || first < -1 || last < -1 || (first < 0 && last < 0)) {
            return null;
        }
        if (first < 0) {
            return last == 0 || size == 0 ? UNSATISFIABLE : new ByteRange(Math.max(0, size - last), size - 1);
        }
        if (last >= 0 && last < first) {
            return null;
        }
        return first >= size ? UNSATISFIABLE : new ByteRange(first, last < 0 ? size - 1 : Math.min(last, size - 1));
    }

    /** -1 for nothing, -2 for anything that is not a number. */
    private static long number(String digits) {
        if (digits.isEmpty()) {
            return -1;
        }
        return digits.length() <= 18 && digits.chars().allMatch(c -> c >= '0' && c <= '9') ? Long.parseLong(digits) : -2;
    }
}
