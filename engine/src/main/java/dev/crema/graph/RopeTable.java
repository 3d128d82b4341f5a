package dev.crema.graph;

import java.util.Arrays;

/**
 * The frequencies of rotary position embedding (arXiv 2104.09864): pair {@code i} of a head turns by
 * {@code position * inverseFrequencies[i]} radians, and the result is scaled by {@code magnitude} (YaRN's attention factor, else
 * 1). {@code interleaved} pairs neighbours (2i, 2i+1) as GGUF's llama does; else i is paired with i + n as Hugging Face does.
 * Pairs past the table stay as they are (partial rotation). {@code description} stands for the table in the graph's text.
 */
public record RopeTable(String description, boolean interleaved, float magnitude, float[] inverseFrequencies) {
    /** Channels of a head that turn. */
    public int rotaryDim() {
        return 2 * inverseFrequencies.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RopeTable table && interleaved == table.interleaved && magnitude == table.magnitude
            && description.equals(table.description) && Arrays.equals(inverseFrequencies, table.inverseFrequencies);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(inverseFrequencies);
    }

    @Override
    public String toString() {
        return description;
    }
}
