package dev.crema.jvm.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** A sweep's points as a CSV file and as plots. */
public final class SweepReport {
    private static final String HEADER = "format,bits_per_weight,bytes,perplexity,mean_kld,same_top,temperature,top_k,max_tokens,tokens,judged_perplexity,"
        + "distinct_pairs,tokens_per_second,kv_bytes";

    /** What is varied besides the format. */
    private enum Axis {
        TEMPERATURE("temperature", Sweep.Row::temperature), TOP_K("top-k", Sweep.Row::topK), MAX_TOKENS("max-tokens", Sweep.Row::maxTokens);

        private final String file;
        private final ToDoubleFunction<Sweep.Row> of;

        Axis(String file, ToDoubleFunction<Sweep.Row> of) {
            this.file = file;
            this.of = of;
        }
    }

    private SweepReport() { }

    /** Writes {@code sweep.csv} and the plots into {@code folder}, which must exist; returns their names. */
    public static List<String> write(Path folder, List<Sweep.Row> rows) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("sweep.csv", csv(rows));
        files.put("quality.svg", quality(rows));
        for (Axis axis : Axis.values()) {
            files.put(axis.file + ".svg", against(rows, axis, "What is written, judged by the unrounded model", "perplexity of what was written", Sweep.Row::judged));
            files.put(axis.file + "-speed.svg", against(rows, axis, "Speed of the formats that devices compute with", "tokens a second", Sweep.Row::tokensPerSecond));
        }
        files.put("memory.svg", against(rows, Axis.MAX_TOKENS, "Weights and KV cache of the longest text", "MB", row -> (row.bytes() + row.kvBytes()) / 1e6));
        files.put("speed.svg", speed(rows));
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
        return new ArrayList<>(files.keySet());
    }

    static String csv(List<Sweep.Row> rows) {
        return rows.stream().map(row -> String.format(Locale.ROOT, "%s,%.3f,%d,%.5f,%.6f,%.5f,%s,%d,%d,%d,%s,%s,%s,%d", row.format(), row.bits(), row.bytes(),
            row.perplexity(), row.divergence(), row.sameTop(), row.temperature(), row.topK(), row.maxTokens(), row.tokens(), number(row.judged()),
            number(row.distinct()), number(row.tokensPerSecond()), row.kvBytes())).collect(Collectors.joining("\n", HEADER + "\n", "\n"));
    }

    private static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : "";
    }

    private static String quality(List<Sweep.Row> rows) {
        var chart = new SvgChart("What a format costs: perplexity of the text", "weights, MB", "perplexity", false);
        rows.stream().collect(Collectors.toMap(Sweep.Row::format, row -> row, (a, b) -> a, LinkedHashMap::new)).values()
            .forEach(row -> chart.add(row.format(), row.bytes() / 1e6, row.perplexity()));
        return chart.toString();
    }

    /** Means over all that is not the axis. */
    private static String against(List<Sweep.Row> rows, Axis axis, String title, String yName, ToDoubleFunction<Sweep.Row> y) {
        var chart = new SvgChart(title, axis.file.replace('-', ' '), yName, true);
        Map<String, Map<Double, List<Sweep.Row>>> groups = rows.stream().collect(Collectors.groupingBy(Sweep.Row::format, LinkedHashMap::new,
            Collectors.groupingBy(axis.of::applyAsDouble, TreeMap::new, Collectors.toList())));
        groups.forEach((format, points) -> points.forEach((x, there) -> chart.add(format, x,
            there.stream().mapToDouble(y).filter(Double::isFinite).average().orElse(Double.NaN))));
        return chart.toString();
    }

    private static String speed(List<Sweep.Row> rows) {
        var chart = new SvgChart("Speed and size of the formats that devices compute with", "weights, MB", "tokens a second", false);
        rows.stream().collect(Collectors.groupingBy(Sweep.Row::format, LinkedHashMap::new, Collectors.toList())).forEach((format, there) -> chart.add(format,
            there.get(0).bytes() / 1e6, there.stream().mapToDouble(Sweep.Row::tokensPerSecond).average().orElse(Double.NaN)));
        return chart.toString();
    }
}
