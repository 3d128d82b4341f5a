package dev.crema.sampling;

/**
 * Edits of single logits before sampling: {@code l = (l > 0 ? l / scale : l * scale) + shift} for each of {@code ids} (distinct). The
 * repetition penalty is a scale (arXiv 1909.05858), frequency and presence penalties and the bias add up in the shift.
 */
public record LogitEdits(int[] ids, float[] scales, float[] shifts) {
    public static final LogitEdits NONE = new LogitEdits(new int[0], new float[0], new float[0]);

    public int size() {
        return ids.length;
    }
}
