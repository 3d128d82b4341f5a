package dev.crema.server;

import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** How often which values were seen, as Prometheus counts them. */
final class Histogram {
    /** Upper ends of the buckets, in seconds, from a cached token to a long reply. */
    private static final double[] BOUNDS = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};

    private final LongAdder[] counts = new LongAdder[BOUNDS.length + 1];
    private final DoubleAdder sum = new DoubleAdder();

    Histogram() {
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    void add(double seconds) {
        int bucket = 0;
        while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
            bucket++;
        }
        counts[bucket].increment();
        sum.add(seconds);
    }

    /** Appends the lines of {@code name}; {@code labels} are {@code key="value"} pairs, with commas between. */
    void print(StringBuilder out, String name, String labels) {
        String before = labels.isEmpty() ? "" : labels + ",";
        long total = 0;
        for (int i = 0; i < counts.length; i++) {
            total += counts[i].sum();
            String bound = i < BOUNDS.length ? String.valueOf(BOUNDS[i]) : "+Inf";
            out.append(name).append("_bucket{").append(before).append("le=\"").append(bound).append("\"} ").append(total).append('\n');
        }
        String plain = labels.isEmpty() ? "" : "{" + labels + "}";
        out.append(name).append("_sum").append(plain).append(' ').append(sum.sum()).append('\n');
        out.append(name).append("_count").append(plain).append(' ').append(total).append('\n');
    }
}
