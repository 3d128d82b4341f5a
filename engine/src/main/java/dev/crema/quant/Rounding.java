package dev.crema.quant;

/** How an encoder chooses a block's scale and minimum; the quants are then the nearest that there are. */
public enum Rounding {
    /** From the block's extreme elements, as the formats' first encoders did: fast, and coarse at few bits. */
    PLAIN,
    /** The least weighted square error among some twenty to forty scales, each with its quants' least-squares scale. */
    SEARCH,
    /**
     * NeUQI (arXiv 2505.17595), for formats with a minimum: for each scale of a grid, coarse and then fine, the zero point with the least weighted
     * square error of all. Formats without a minimum take {@link #SEARCH}.
     */
    NEUQI
}
