package dev.crema.web.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TunerTest {
    private static final List<String> TWO = List.of("slow", "fast");

    /** Time passes only in races. */
    private static final class RaceClock implements Clock {
        private long nanos;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long epochMillis() {
            return nanos / 1_000_000;
        }
    }

    private static final class MemoryStore implements Notes {
        private final Map<String, String> texts = new HashMap<>();

        @Override
        public String awaitRecall(String key) {
            return texts.get(key);
        }

        @Override
        public void remember(String key, String text) {
            texts.put(key, text);
        }
    }

    private final RaceClock clock = new RaceClock();
    private final MemoryStore store = new MemoryStore();
    private final List<String> ran = new ArrayList<>();

    private Tuner tuner(String adapter) {
        return new Tuner(new Tuning(store, 300, false), adapter, clock);
    }

    private double race(String candidate) {
        ran.add(candidate);
        double millis = candidate.equals("fast") ? 2 : 5;
        clock.nanos += (long) (millis * 1e6);
        return millis;
    }

    @Test
    void theFastestOfTwoWins() {
        Tuner tuner = tuner("gpu");
        assertNull(tuner.awaitStored("q4_0 1024", TWO));
        assertEquals(new Tuner.Choice("fast", "slow 5.0 ms, fast 2.0 ms"), tuner.awaitWinner("q4_0 1024", TWO, this::race));
    }

    @Test
    void aStoredWinnerDoesNotRaceAgain() {
        Tuner first = tuner("gpu");
        first.awaitWinner("q4_0 1024", TWO, this::race);
        first.save();
        assertEquals(new Tuner.Choice("fast", "stored"), tuner("gpu").awaitStored("q4_0 1024", TWO));
        assertNull(tuner("gpu").awaitStored("q8_0 1024", TWO), "another class");
        assertNull(tuner("other gpu").awaitStored("q4_0 1024", TWO), "another adapter");
    }

    @Test
    void whatIsExcludedNeitherRunsNorWins() {
        Tuner first = tuner("gpu");
        first.awaitWinner("q4_0 1024", TWO, this::race);
        first.save();
        ran.clear();
        Tuner second = tuner("gpu");
        assertNull(second.awaitStored("q4_0 1024", List.of("slow", "middling")));
        assertEquals("slow", second.awaitWinner("q4_0 1024", List.of("slow", "middling"), this::race).candidate());
        assertEquals(List.of("slow", "middling"), ran);
    }

    @Test
    void aDamagedStoreCountsAsEmpty() {
        for (String text : List.of("", "{", "[1]", "nonsense", "{\"q4_0 1024\":7}", "{\"q4_0 1024\":\"gone\"}")) {
            store.texts.put("gpu", text);
            assertNull(tuner("gpu").awaitStored("q4_0 1024", TWO), text);
            assertEquals("fast", tuner("gpu").awaitWinner("q4_0 1024", TWO, this::race).candidate(), text);
        }
    }

    @Test
    void racesEndWithTheirBudget() {
        Tuner tuner = tuner("gpu");
        int classes = 0;
        while (tuner.awaitWinner("class " + classes, TWO, this::race) != null) {
            classes++;
        }
        // Seven milliseconds each: the one that is under way at 300 is the last.
        assertEquals(43, classes);
        assertTrue(clock.nanos() <= 307_000_000, clock.nanos() + "");
    }

    @Test
    void nothingNewIsNotSaved() {
        Tuner first = tuner("gpu");
        first.awaitWinner("q4_0 1024", TWO, this::race);
        first.save();
        store.texts.replaceAll((key, text) -> text + " ");
        Tuner second = tuner("gpu");
        second.awaitStored("q4_0 1024", TWO);
        second.save();
        assertTrue(store.texts.get("gpu").endsWith(" "), "written again");
        assertEquals(1, store.texts.size());
    }
}
