package dev.crema.grammar;

import java.util.Arrays;

/** A set of code points: ranges in ascending order that neither overlap nor touch. Immutable. */
public final class CharSet {
    static final int MAX = 0x10FFFF;
    public static final CharSet NONE = new CharSet(new int[0]);
    public static final CharSet ANY = range(0, MAX);

    /** From and to of each range, both inclusive. */
    private final int[] bounds;

    private CharSet(int[] bounds) {
        this.bounds = bounds;
    }

    public static CharSet range(int from, int to) {
        return from > to ? NONE : new CharSet(new int[] {from, to});
    }

    public static CharSet of(int codePoint) {
        return range(codePoint, codePoint);
    }

    /** The characters of {@code text}, which has no ranges. */
    public static CharSet of(String text) {
        CharSet all = NONE;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            all = all.or(of(text.codePointAt(i)));
        }
        return all;
    }

    public int ranges() {
        return bounds.length / 2;
    }

    public int from(int range) {
        return bounds[2 * range];
    }

    public int to(int range) {
        return bounds[2 * range + 1];
    }

    public boolean isEmpty() {
        return bounds.length == 0;
    }

    public boolean contains(int codePoint) {
        for (int i = 0; i < bounds.length; i += 2) {
            if (codePoint >= bounds[i] && codePoint <= bounds[i + 1]) {
                return true;
            }
        }
        return false;
    }

    public CharSet or(CharSet other) {
        int[] out = new int[bounds.length + other.bounds.length];
        int count = 0;
        int a = 0;
        int b = 0;
        while (a < bounds.length || b < other.bounds.length) {
            boolean mine = b == other.bounds.length || a < bounds.length && bounds[a] <= other.bounds[b];
            int from = mine ? bounds[a] : other.bounds[b];
            int to = mine ? bounds[a + 1] : other.bounds[b + 1];
            if (mine) {
                a += 2;
            } else {
                b += 2;
            }
            if (count > 0 && from <= out[count - 1] + 1) {
                out[count - 1] = Math.max(out[count - 1], to);
            } else {
                out[count++] = from;
                out[count++] = to;
            }
        }
        return new CharSet(Arrays.copyOf(out, count));
    }

    public CharSet not() {
        int[] out = new int[bounds.length + 2];
        int count = 0;
        int next = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            if (bounds[i] > next) {
                out[count++] = next;
                out[count++] = bounds[i] - 1;
            }
            next = bounds[i + 1] + 1;
        }
        if (next <= MAX) {
            out[count++] = next;
            out[count++] = MAX;
        }
        return new CharSet(Arrays.copyOf(out, count));
    }

    public CharSet and(CharSet other) {
        return not().or(other.not()).not();
    }

    public CharSet minus(CharSet other) {
        return and(other.not());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CharSet set && Arrays.equals(bounds, set.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }
}
