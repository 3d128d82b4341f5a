package dev.crema.server;

import dev.crema.engine.EngineStatus;
import dev.crema.engine.GenerationStats;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts of the whole server, printed in Prometheus's text format. Labels have a bounded number of values: nothing a client makes up is one. */
final class Metrics {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> durations = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> queues = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> firstTokens = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> tokenTimes = new ConcurrentSkipListMap<>();
    private final LongAdder inFlight = new LongAdder();

    void begun() {
        inFlight.increment();
    }

    /** {@code route} is null for a path that is not there. */
    void ended(Route route, String method, int status, double seconds) {
        inFlight.decrement();
        String path = "path=\"" + (route == null ? "other" : route.path()) + "\"";
        String verb = route != null && route.allow().contains(method) ? method : "other";
        requests.computeIfAbsent(path + ",method=\"" + verb + "\",status=\"" + status + "\"", key -> new LongAdder()).increment();
        durations.computeIfAbsent(path, key -> new Histogram()).add(seconds);
    }

    /** One choice of a request has ended. */
    void finished(String model, GenerationStats stats) {
        String label = label(model);
        queues.computeIfAbsent(label, key -> new Histogram()).add(stats.queueNanos() / 1e9);
        firstTokens.computeIfAbsent(label, key -> new Histogram()).add((stats.queueNanos() + stats.prefillNanos()) / 1e9);
        if (stats.completionTokens() > 1) {
            tokenTimes.computeIfAbsent(label, key -> new Histogram()).add(stats.decodeNanos() / 1e9 / (stats.completionTokens() - 1));
        }
    }

    /** All of it; {@code engines} has the status of each loaded model. */
    String print(Map<String, EngineStatus> engines) {
        var out = new StringBuilder();
        head(out, "crema_http_requests_total", "counter", "Requests that were answered.");
        requests.forEach((labels, count) -> line(out, "crema_http_requests_total", labels, count.sum()));
        head(out, "crema_http_requests_in_flight", "gauge", "Requests that are being answered.");
        line(out, "crema_http_requests_in_flight", "", inFlight.sum());
        histograms(out, "crema_http_request_duration_seconds", "From a request's head to the end of its answer.", durations);
        histograms(out, "crema_queue_seconds", "From a request to its first step.", queues);
        histograms(out, "crema_time_to_first_token_seconds", "From a request to its first token.", firstTokens);
        histograms(out, "crema_time_per_output_token_seconds", "Between two tokens of a reply, on average over it.", tokenTimes);
        engines(out, engines);
        process(out);
        return out.toString();
    }

    private static void engines(StringBuilder out, Map<String, EngineStatus> byModel) {
        var engines = new TreeMap<>(byModel);
        head(out, "crema_prompt_tokens_total", "counter", "Tokens of prompts that were computed since the model was loaded, cached ones not.");
        engines.forEach((model, status) -> line(out, "crema_prompt_tokens_total", label(model), status.promptTokens()));
        head(out, "crema_generated_tokens_total", "counter", "Tokens that were generated since the model was loaded.");
        engines.forEach((model, status) -> line(out, "crema_generated_tokens_total", label(model), status.generatedTokens()));
        head(out, "crema_requests_running", "gauge", "Requests that are computed.");
        engines.forEach((model, status) -> line(out, "crema_requests_running", label(model), status.running()));
        head(out, "crema_requests_waiting", "gauge", "Requests that wait in the queue.");
        engines.forEach((model, status) -> line(out, "crema_requests_waiting", label(model), status.waiting()));
        head(out, "crema_kv_pages", "gauge", "Pages of the KV cache (16 tokens each) by use.");
        engines.forEach((model, status) -> {
            String label = label(model);
            line(out, "crema_kv_pages", label + ",state=\"free\"", status.freeKvPages());
            line(out, "crema_kv_pages", label + ",state=\"cached\"", status.cachedKvPages());
            line(out, "crema_kv_pages", label + ",state=\"used\"", status.kvPages() - status.freeKvPages() - status.cachedKvPages());
        });
    }

    private static void process(StringBuilder out) {
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        head(out, "crema_heap_used_bytes", "gauge", "Java heap in use, garbage included.");
        line(out, "crema_heap_used_bytes", "", heap.getUsed());
        head(out, "crema_heap_max_bytes", "gauge", "Java heap at most.");
        line(out, "crema_heap_max_bytes", "", heap.getMax());
        head(out, "crema_threads", "gauge", "Platform threads.");
        line(out, "crema_threads", "", ManagementFactory.getThreadMXBean().getThreadCount());
        head(out, "crema_uptime_seconds", "gauge", "Since the process was started.");
        out.append("crema_uptime_seconds ").append(ManagementFactory.getRuntimeMXBean().getUptime() / 1e3).append('\n');
    }

    private static void histograms(StringBuilder out, String name, String help, Map<String, Histogram> histograms) {
        head(out, name, "histogram", help);
        histograms.forEach((labels, histogram) -> histogram.print(out, name, labels));
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder out, String name, String labels, long value) {
        out.append(name).append(labels.isEmpty() ? "" : "{" + labels + "}").append(' ').append(value).append('\n');
    }

    private static String label(String model) {
        return "model=\"" + model.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
