// Measurements as figures: of each engine the median, of two engines the ratio of medians.

/** { median, min, max } of some numbers. */
export function spread(values) {
    const sorted = values.toSorted((a, b) => a - b);
    const half = sorted.length >> 1;
    const median = sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return { median, min: sorted[0], max: sorted.at(-1) };
}

/**
 * How many times faster the first of two is, from rates that were measured in turn: the ratio of medians, and the least and the greatest of the
 * ratios of single rounds.
 */
export function ratio(rates, peerRates) {
    const rounds = rates.map((rate, round) => rate / peerRates[round]);
    return { median: spread(rates).median / spread(peerRates).median, min: Math.min(...rounds), max: Math.max(...rounds) };
}
