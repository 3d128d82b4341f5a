package dev.crema.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

class StopMatcherTest {
    @Test
    void holdsBackWhatMayBecomeAStop() {
        StopMatcher matcher = new StopMatcher(List.of("END"));
        assertEquals("the ", matcher.append("the E"));
        assertEquals("E", matcher.append("EN"));
        assertEquals("", matcher.append("D and more"));
        assertTrue(matcher.stopped());
        assertEquals("", matcher.flush());
    }

    @Test
    void theFirstStopInTheTextCounts() {
        StopMatcher matcher = new StopMatcher(List.of("later", "so"));
        assertEquals("and ", matcher.append("and so later"));
        assertTrue(matcher.stopped());
    }

    @Test
    void flushGivesBackWhatWasHeld() {
        StopMatcher matcher = new StopMatcher(List.of("\n\nUser:"));
        assertEquals("hi", matcher.append("hi\n\nUse"));
        assertEquals("\n\nUse", matcher.flush());
        assertFalse(matcher.stopped());
    }

    @Test
    void nothingLeaksHoweverTheTextIsCut() {
        long seed = 11;
        Random random = new Random(seed);
        for (int round = 0; round < 5000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(24); i > 0; i--) {
                text.append((char) ('a' + random.nextInt(2)));
            }
            List<String> stops = List.of("aab", "abab", "bbb");
            StopMatcher matcher = new StopMatcher(stops);
            StringBuilder out = new StringBuilder();
            for (int at = 0; at < text.length() && !matcher.stopped();) {
                int end = Math.min(text.length(), at + 1 + random.nextInt(4));
                out.append(matcher.append(text.substring(at, end)));
                at = end;
            }
            out.append(matcher.flush());
            int first = text.length();
            for (String stop : stops) {
                int at = text.indexOf(stop);
                first = at < 0 ? first : Math.min(first, at);
            }
            String expected = text.substring(0, first);
            assertTrue(out.toString().equals(expected), () -> text + " gave " + out + ", seed " + seed);
        }
    }
}
