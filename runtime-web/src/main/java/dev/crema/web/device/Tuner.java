package dev.crema.web.device;

import dev.crema.Clock;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Picks the fastest of several ways to do the same: the one that an earlier visit found, else the winner of a short race. Knows nothing of
 * GPUs: who asks brings the race.
 */
public final class Tuner {
    /** Runs a candidate. */
    public interface Race {
        /** Milliseconds that the candidate takes for a piece of work that is the same for all; suspends. */
        double awaitMillis(String candidate);
    }

    /** A candidate, and why it was taken: {@code stored}, or the times of all. */
    public record Choice(String candidate, String why) { }

    private final Notes store;
    private final String key;
    private final Clock clock;
    private final long budgetNanos;
    private final Map<String, String> winners = new LinkedHashMap<>();
    private boolean loaded;
    private boolean changed;
    private long spentNanos;

    /** {@code adapter} names the hardware and the version of what races on it: a winner counts for nothing elsewhere. */
    public Tuner(Tuning tuning, String adapter, Clock clock) {
        this.store = tuning.store();
        this.key = adapter;
        this.clock = clock;
        budgetNanos = tuning.budgetMillis() * 1_000_000;
    }

    /** The winner of an earlier race for a class of problems, or null where there was none among these candidates. */
    public Choice awaitStored(String shapeClass, List<String> candidates) {
        awaitLoad();
        String stored = winners.get(shapeClass);
        return stored != null && candidates.contains(stored) ? new Choice(stored, "stored") : null;
    }

    /** The winner of a race now; null where the time for races is used up, and the default must do. */
    public Choice awaitWinner(String shapeClass, List<String> candidates, Race race) {
        awaitLoad();
        if (spentNanos >= budgetNanos) {
            return null;
        }
        long began = clock.nanos();
        String best = null;
        double least = Double.POSITIVE_INFINITY;
        var times = new StringBuilder();
        for (String candidate : candidates) {
            double millis = race.awaitMillis(candidate);
            times.append(times.isEmpty() ? "" : ", ").append(candidate).append(' ').append(Math.round(millis * 1000) / 1000.0).append(" ms");
            if (millis < least) {
                least = millis;
                best = candidate;
            }
        }
        spentNanos += clock.nanos() - began;
        winners.put(shapeClass, best);
        changed = true;
        return new Choice(best, times.toString());
    }

    /** Keeps what was found since for the next visit. */
    public void save() {
        if (changed) {
            changed = false;
            var json = new Json.Obj();
            winners.forEach((shapeClass, winner) -> json.put(shapeClass, Json.of(winner)));
            store.remember(key, json.toString());
        }
    }

    /** What can't be read was damaged, or written by another version: it counts as not there. */
    private void awaitLoad() {
        if (loaded) {
            return;
        }
        loaded = true;
        String text = store.awaitRecall(key);
        try {
            if (text != null && JsonParser.parse(text) instanceof Json.Obj stored) {
                for (String shapeClass : stored.members().keySet()) {
                    if (stored.get(shapeClass) instanceof Json.Str winner) {
                        winners.put(shapeClass, winner.value());
                    }
                }
            }
        } catch (RuntimeException damaged) {
            winners.clear();
        }
    }
}
