package dev.crema.tokenizer;

import java.util.Arrays;

/**
 * Unicode normalisation form C (UAX 15): canonical decomposition, marks in canonical order, composition. Linear in the text, also where
 * somebody piles up a million marks.
 */
final class Nfc implements Normalizer {
    private static final int HANGUL = 0xAC00;
    private static final int HANGUL_COUNT = 11172;
    private static final int LEADING = 0x1100;
    private static final int VOWEL = 0x1161;
    private static final int TRAILING = 0x11A7;
    private static final int VOWELS = 21;
    private static final int TRAILINGS = 28;
    /** Below this nothing composes or decomposes but what composes again. */
    private static final int FIRST_MARK = 0x300;

    private static final int[] DECOMPOSING;
    private static final int[] FIRST;
    /** 0 where the decomposition is a single character. */
    private static final int[] SECOND;
    private static final LongIntMap COMPOSITIONS;
    private static final int[] MARK_STARTS;
    private static final int[] MARK_ENDS;
    private static final int[] MARK_RANKS;
    private static final int MAX_RANK;

    static {
        int[] numbers = Unicode.numbers(UnicodeTables.DECOMPOSITIONS);
        int count = numbers.length / 3;
        DECOMPOSING = new int[count];
        FIRST = new int[count];
        SECOND = new int[count];
        COMPOSITIONS = new LongIntMap(count);
        for (int i = 0; i < count; i++) {
            int zigzag = numbers[3 * i + 1];
            DECOMPOSING[i] = (i == 0 ? 0 : DECOMPOSING[i - 1]) + numbers[3 * i];
            FIRST[i] = (i == 0 ? 0 : FIRST[i - 1]) + (zigzag >>> 1 ^ -(zigzag & 1));
            SECOND[i] = numbers[3 * i + 2] >>> 1;
            if (SECOND[i] != 0 && (numbers[3 * i + 2] & 1) == 0) {
                COMPOSITIONS.putIfAbsent(LongIntMap.pair(FIRST[i], SECOND[i]), DECOMPOSING[i]);
            }
        }
        int[] marks = Unicode.numbers(UnicodeTables.COMBINING_RANKS);
        MARK_STARTS = new int[marks.length / 3];
        MARK_ENDS = new int[marks.length / 3];
        MARK_RANKS = new int[marks.length / 3];
        int max = 0;
        for (int i = 0; i < MARK_STARTS.length; i++) {
            MARK_STARTS[i] = (i == 0 ? 0 : MARK_ENDS[i - 1]) + marks[3 * i];
            MARK_ENDS[i] = MARK_STARTS[i] + marks[3 * i + 1] + 1;
            MARK_RANKS[i] = marks[3 * i + 2];
            max = Math.max(max, MARK_RANKS[i]);
        }
        MAX_RANK = max;
    }

    @Override
    public String normalize(String text) {
        int plain = 0;
        while (plain < text.length() && text.charAt(plain) < FIRST_MARK) {
            plain++;
        }
        if (plain == text.length()) {
            return text;
        }
        var points = new IntList(text.length() + 16);
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            decompose(text.codePointAt(i), points);
        }
        sortMarks(points);
        int length = compose(points);
        var out = new StringBuilder(text.length());
        for (int i = 0; i < length; i++) {
            out.appendCodePoint(points.get(i));
        }
        return out.toString();
    }

    /** Form D: decomposed, marks in canonical order. */
    static String decomposed(String text) {
        var points = new IntList(text.length() + 16);
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            decompose(text.codePointAt(i), points);
        }
        sortMarks(points);
        var out = new StringBuilder(text.length());
        for (int i = 0; i < points.size(); i++) {
            out.appendCodePoint(points.get(i));
        }
        return out.toString();
    }

    private static void decompose(int c, IntList out) {
        if (c < 0xC0) {
            out.add(c);
        } else if (c >= HANGUL && c < HANGUL + HANGUL_COUNT) {
            int index = c - HANGUL;
            out.add(LEADING + index / (VOWELS * TRAILINGS));
            out.add(VOWEL + index / TRAILINGS % VOWELS);
            if (index % TRAILINGS > 0) {
                out.add(TRAILING + index % TRAILINGS);
            }
        } else {
            int i = Arrays.binarySearch(DECOMPOSING, c);
            if (i < 0) {
                out.add(c);
                return;
            }
            decompose(FIRST[i], out);
            if (SECOND[i] != 0) {
                decompose(SECOND[i], out);
            }
        }
    }

    /** Where a mark stands in canonical order; 0 for what is not a mark. */
    private static int rank(int c) {
        if (c < FIRST_MARK) {
            return 0;
        }
        int i = Arrays.binarySearch(MARK_STARTS, c);
        i = i < 0 ? -i - 2 : i;
        return i >= 0 && c < MARK_ENDS[i] ? MARK_RANKS[i] : 0;
    }

    private static void sortMarks(IntList points) {
        for (int i = 0, end; i < points.size(); i = end + 1) {
            end = i;
            while (end < points.size() && rank(points.get(end)) > 0) {
                end++;
            }
            if (end - i > 1) {
                sortMarks(points, i, end);
            }
        }
    }

    /** A counting sort: stable, and linear for a hostile pile of marks. */
    private static void sortMarks(IntList points, int from, int to) {
        boolean sorted = true;
        for (int i = from + 1; i < to && sorted; i++) {
            sorted = rank(points.get(i - 1)) <= rank(points.get(i));
        }
        if (sorted) {
            return;
        }
        int[] places = new int[MAX_RANK + 2];
        int[] marks = new int[to - from];
        for (int i = from; i < to; i++) {
            marks[i - from] = points.get(i);
            places[rank(points.get(i)) + 1]++;
        }
        for (int rank = 1; rank < places.length; rank++) {
            places[rank] += places[rank - 1];
        }
        for (int mark : marks) {
            points.set(from + places[rank(mark)]++, mark);
        }
    }

    /** Composes in place and returns the new length. */
    private static int compose(IntList points) {
        int starter = -1;
        int lastRank = 0;
        int length = 0;
        for (int i = 0; i < points.size(); i++) {
            int c = points.get(i);
            int rank = rank(c);
            // A mark composes when no mark of the same or a higher class stands between; a starter only with its neighbour.
            boolean reaches = starter >= 0 && (length == starter + 1 || lastRank > 0 && lastRank < rank);
            int composed = reaches ? compose(points.get(starter), c) : -1;
            if (composed >= 0) {
                points.set(starter, composed);
                continue;
            }
            if (rank == 0) {
                starter = length;
            }
            lastRank = rank;
            points.set(length++, c);
        }
        return length;
    }

    private static int compose(int first, int second) {
        if (first >= LEADING && first < LEADING + 19 && second >= VOWEL && second < VOWEL + VOWELS) {
            return HANGUL + ((first - LEADING) * VOWELS + second - VOWEL) * TRAILINGS;
        }
        if (first >= HANGUL && first < HANGUL + HANGUL_COUNT && (first - HANGUL) % TRAILINGS == 0 && second > TRAILING
                && second < TRAILING + TRAILINGS) {
            return first + second - TRAILING;
        }
        return COMPOSITIONS.get(LongIntMap.pair(first, second));
    }
}
