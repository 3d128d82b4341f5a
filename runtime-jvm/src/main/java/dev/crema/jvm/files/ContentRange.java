package dev.crema.jvm.files;

/**
 * The header {@code Content-Range: bytes 100-199/1000} (RFC 9110, 14.4). {@code first} and {@code last} are -1 where there is a star in
 * place of the range, {@code total} is -1 where there is one in place of the size.
 */
record ContentRange(long first, long last, long total) {
    /** Null for anything that is not of this form. */
    static ContentRange parse(String header) {
        int slash = header.indexOf('/');
        if (!header.startsWith("bytes ") || slash < 0) {
            return null;
        }
        String range = header.substring(6, slash).trim();
        String size = header.substring(slash + 1).trim();
        try {
            long total = size.equals("*") ? -1 : Long.parseLong(size);
            if (range.equals("*")) {
                return new ContentRange(-1, -1, total);
            }
            int dash = range.indexOf('-');
            long first = Long.parseLong(range.substring(0, Math.max(dash, 0)));
            long last = Long.parseLong(range.substring(dash + 1));
            boolean valid = first >= 0 && last >= first && (total < 0 || last < total);
            return valid ? new ContentRange(first, last, total) : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
