package dev.crema.engine;

import java.util.List;

/**
 * Looks for stop texts in a stream. What could be the start of one is held back until it is clear, so that no part of a stop text is
 * ever passed on, however the text is cut into pieces.
 */
final class StopMatcher {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    StopMatcher(List<String> stops) {
        this.stops = stops;
    }

    /** Takes new text and returns what may be passed on; after a match that is the text before it, and {@link #stopped} is true. */
    String append(String text) {
        held.append(text);
        int stop = firstMatch();
        if (stop >= 0) {
            stopped = true;
            return take(stop, true);
        }
        return take(held.length() - undecided(), false);
    }

    /** What is still held back, at the end of the text. */
    String flush() {
        return take(held.length(), true);
    }

    boolean stopped() {
        return stopped;
    }

    private int firstMatch() {
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    /** The length of the longest end of the text that begins a stop text. */
    private int undecided() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (endsWithStartOf(stop, length)) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private boolean endsWithStartOf(String stop, int length) {
        int start = held.length() - length;
        for (int i = 0; i < length; i++) {
            if (held.charAt(start + i) != stop.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private String take(int length, boolean dropRest) {
        String text = held.substring(0, length);
        held.delete(0, dropRest ? held.length() : length);
        return text;
    }
}
