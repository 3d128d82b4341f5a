package dev.crema.api;

import java.util.ArrayList;
import java.util.Collection;

/** Finds what a misspelt name was probably meant to be. */
final class Spelling {
    private Spelling() { }

    /** The name of the fewest edits away, at most a third of its length; the first of the alphabet among equals, null where none is near. */
    static String nearest(String given, Collection<String> names) {
        String best = null;
        int fewest = Integer.MAX_VALUE;
        var sorted = new ArrayList<>(names);
        sorted.sort(null);
        for (String name : sorted) {
            int edits = Math.abs(name.length() - given.length()) > name.length() / 3 ? Integer.MAX_VALUE : edits(given, name);
            if (edits <= Math.max(1, name.length() / 3) && edits < fewest) {
                fewest = edits;
                best = name;
            }
        }
        return best;
    }

    /** Levenshtein's distance, letters in either case alike and {@code -} as good as {@code _}, so {@code maxTokens} is near {@code max_tokens}. */
    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (plain(from.charAt(i - 1)) == plain(to.charAt(j - 1)) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }

    private static char plain(char c) {
        return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }
}
