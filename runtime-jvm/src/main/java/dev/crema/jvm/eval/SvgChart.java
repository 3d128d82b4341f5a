package dev.crema.jvm.eval;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A plot as SVG: lines with a mark at each point, or marks alone with their names. */
final class SvgChart {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int LEFT = 70;
    private static final int RIGHT = 150;
    private static final int TOP = 40;
    private static final int BOTTOM = 50;
    private static final String[] COLORS = {"#1b6ca8", "#c8553d", "#2a9d5b", "#8e5ea2", "#d18f00", "#3b3b3b", "#00939c", "#b8326f", "#6b8e23", "#7a5c3e"};

    private final String title;
    private final String xName;
    private final String yName;
    private final boolean lines;
    private final Map<String, List<double[]>> series = new LinkedHashMap<>();

    /** {@code lines} joins the points of a series, else each point stands for itself. */
    SvgChart(String title, String xName, String yName, boolean lines) {
        this.title = title;
        this.xName = xName;
        this.yName = yName;
        this.lines = lines;
    }

    /** A point; those that are no numbers are left out, but keep their series its color. */
    SvgChart add(String name, double x, double y) {
        List<double[]> points = series.computeIfAbsent(name, key -> new ArrayList<>());
        if (Double.isFinite(x) && Double.isFinite(y)) {
            points.add(new double[] {x, y});
        }
        return this;
    }

    @Override
    public String toString() {
        double[] x = range(0);
        double[] y = range(1);
        var svg = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " " + HEIGHT
            + "\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        text(svg, WIDTH / 2.0, 22, "middle", title);
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", xName);
        svg.append("<text transform=\"translate(16 ").append(HEIGHT / 2).append(") rotate(-90)\" text-anchor=\"middle\">").append(escape(yName)).append("</text>\n");
        for (double tick : ticks(x)) {
            double at = LEFT + share(tick, x) * (WIDTH - LEFT - RIGHT);
            line(svg, at, TOP, at, HEIGHT - BOTTOM, "#e4e4e4");
            text(svg, at, HEIGHT - BOTTOM + 18, "middle", number(tick));
        }
        for (double tick : ticks(y)) {
            double at = HEIGHT - BOTTOM - share(tick, y) * (HEIGHT - TOP - BOTTOM);
            line(svg, LEFT, at, WIDTH - RIGHT, at, "#e4e4e4");
            text(svg, LEFT - 6, at + 4, "end", number(tick));
        }
        int index = 0;
        double legend = TOP + 10;
        for (Map.Entry<String, List<double[]>> one : series.entrySet()) {
            String color = COLORS[index++ % COLORS.length];
            if (!one.getValue().isEmpty()) {
                points(svg, one.getValue(), color, x, y);
                svg.append(String.format(Locale.ROOT, "<circle cx=\"%d\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>%n", WIDTH - RIGHT + 16, legend, color));
                text(svg, WIDTH - RIGHT + 26, legend + 4, "start", one.getKey());
                legend += 18;
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private void points(StringBuilder svg, List<double[]> points, String color, double[] x, double[] y) {
        var path = new StringBuilder();
        for (double[] point : points) {
            double px = LEFT + share(point[0], x) * (WIDTH - LEFT - RIGHT);
            double py = HEIGHT - BOTTOM - share(point[1], y) * (HEIGHT - TOP - BOTTOM);
            path.append(String.format(Locale.ROOT, "%s%.1f %.1f ", path.isEmpty() ? "M" : "L", px, py));
            svg.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>%n", px, py, color));
        }
        if (lines) {
            svg.append("<path d=\"").append(path.toString().trim()).append("\" fill=\"none\" stroke-width=\"2\" stroke=\"").append(color).append("\"/>\n");
        }
    }

    /** Least and largest of all points, with a little room; never empty. */
    private double[] range(int dimension) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (List<double[]> points : series.values()) {
            for (double[] point : points) {
                low = Math.min(low, point[dimension]);
                high = Math.max(high, point[dimension]);
            }
        }
        if (!(low <= high)) {
            return new double[] {0, 1};
        }
        double room = high > low ? 0.05 * (high - low) : Math.max(1e-6, 0.05 * Math.abs(high));
        return new double[] {low - room, high + room};
    }

    private static double share(double value, double[] range) {
        return (value - range[0]) / (range[1] - range[0]);
    }

    /** Round numbers, some four to nine. */
    private static List<Double> ticks(double[] range) {
        double raw = (range[1] - range[0]) / 6;
        double unit = Math.pow(10, Math.floor(Math.log10(raw)));
        double step = raw / unit < 1.5 ? unit : raw / unit < 3.5 ? 2 * unit : raw / unit < 7.5 ? 5 * unit : 10 * unit;
        List<Double> ticks = new ArrayList<>();
        for (double tick = Math.ceil(range[0] / step) * step; tick <= range[1]; tick += step) {
            ticks.add(tick);
        }
        return ticks;
    }

    private static String number(double value) {
        // What a step away from zero leaves there is no number of its own.
        double rounded = Math.abs(value) < 1e-12 ? 0 : value;
        return new BigDecimal(rounded).round(new MathContext(4)).stripTrailingZeros().toPlainString();
    }

    private static void line(StringBuilder svg, double x1, double y1, double x2, double y2, String color) {
        svg.append(String.format(Locale.ROOT, "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"%s\"/>%n", x1, y1, x2, y2, color));
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, escape(text)));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
