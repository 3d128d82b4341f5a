package dev.crema.web.device;

/**
 * That kernels may race on the adapter at hand, and where the winners are kept.
 *
 * @param budgetMillis for all races of a load; what comes later goes by default
 * @param evenSoftware whether an adapter that software imitates races as well; there the default is known to be best, and races are slow
 */
public record Tuning(Notes store, long budgetMillis, boolean evenSoftware) {
    private static final long BUDGET_MILLIS = 300;

    public static Tuning keptIn(Notes store) {
        return new Tuning(store, BUDGET_MILLIS, false);
    }
}
