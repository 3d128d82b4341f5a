package dev.crema.jvm.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Sizes {
    private Sizes() { }

    /** Decimal units, as disks and networks count: {@code 5.77 MB}. */
    static String bytes(long bytes) {
        return scaled(bytes, new String[] {" B", " kB", " MB", " GB", " TB"});
    }

    /** What {@link #bytes} writes, and the like: {@code 25MB}, {@code 1.5 GB}, {@code 1000}; -1 for anything else. */
    static long parse(String text) {
        var matcher = java.util.regex.Pattern.compile("(\\d{1,12}(?:\\.\\d{1,3})?) ?([kMGT]?)B?", java.util.regex.Pattern.CASE_INSENSITIVE).matcher(text.trim());
        if (!matcher.matches()) {
            return -1;
        }
        double scale = Math.pow(1000, "kmgt".indexOf(matcher.group(2).toLowerCase(Locale.ROOT)) + (matcher.group(2).isEmpty() ? 0 : 1));
        return (long) Math.min(Long.MAX_VALUE, Double.parseDouble(matcher.group(1)) * scale);
    }

    /** {@code 2.89 M}. */
    static String count(long count) {
        return scaled(count, new String[] {"", " K", " M", " B", " T"});
    }

    private static String scaled(long value, String[] units) {
        double scaled = value;
        int unit = 0;
        while (scaled >= 999.5 && unit < units.length - 1) {
            scaled /= 1000;
            unit++;
        }
        String digits = unit == 0 ? Long.toString(value)
            : String.format(Locale.ROOT, scaled < 9.995 ? "%.2f" : scaled < 99.95 ? "%.1f" : "%.0f", scaled);
        return digits + units[unit];
    }

    /** {@code 45 s}, {@code 3:05 min}, {@code 2:03 h}. */
    static String duration(long seconds) {
        if (seconds < 100) {
            return seconds + " s";
        }
        return seconds < 3600 ? String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60)
            : String.format(Locale.ROOT, "%d:%02d h", seconds / 3600, seconds / 60 % 60);
    }
}
