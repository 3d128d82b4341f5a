package dev.crema.sampling;

import java.util.LinkedHashMap;
import java.util.Map;

/** Which tokens a text has so far, and the edits of logits that penalties and biases make of that. One for each sequence. */
public final class TokenHistory {
    private final SamplingParams params;
    /** Token to how often it stands in the reply; 0 for one of the prompt only or one that only has a bias. */
    private final Map<Integer, Integer> counts = new LinkedHashMap<>();
    private final Map<Integer, Boolean> seen = new LinkedHashMap<>();

    public TokenHistory(SamplingParams params, int[] prompt) {
        this.params = params;
        for (int token : params.logitBias().keySet()) {
            counts.put(token, 0);
        }
        if (params.repetitionPenalty() != 1) {
            for (int token : prompt) {
                counts.put(token, 0);
                seen.put(token, true);
            }
        }
    }

    /** Adds a token of the reply. */
    public void add(int token) {
        if (params.hasEdits()) {
            counts.merge(token, 1, Integer::sum);
            seen.put(token, true);
        }
    }

    /** The edits for the next token. */
    public LogitEdits edits() {
        if (!params.hasEdits()) {
            return LogitEdits.NONE;
        }
        int[] ids = new int[counts.size()];
        float[] scales = new float[ids.length];
        float[] shifts = new float[ids.length];
        int i = 0;
        for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
            int token = entry.getKey();
            int count = entry.getValue();
            ids[i] = token;
            scales[i] = seen.containsKey(token) ? params.repetitionPenalty() : 1;
            shifts[i] = params.logitBias().getOrDefault(token, 0f) - params.frequencyPenalty() * count
                - (count > 0 ? params.presencePenalty() : 0);
            i++;
        }
        return new LogitEdits(ids, scales, shifts);
    }
}
