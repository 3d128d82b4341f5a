package dev.crema.jvm.cli;

import dev.crema.engine.GenerationStats;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;
import dev.crema.jvm.Completion;
import dev.crema.jvm.Crema;
import dev.crema.jvm.GenerateOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

/** {@code crema complete}: the raw continuation of a text on standard output. */
@Command(name = "complete", description = "Continue a text, without chat template.",
    footer = {"", "The continuation is streamed to standard output; with --json it is one object:",
        "{\"text\", \"tokens\", \"finish_reason\", \"timings\", ...}."})
public final class CompleteCommand implements Callable<Integer> {
    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Parameters(index = "0", arity = "0..1", paramLabel = "TEXT", description = "The text to continue; or use --prompt.")
    private String positional;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The text to continue; - reads standard input.")
    private String prompt;

    @Option(names = "--json", description = "Print one JSON object when done.")
    private boolean json;

    @Mixin
    private ModelOptions modelOptions;

    @Mixin
    private SamplingOptions sampling;

    public CompleteCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() throws IOException {
        String text = prompt();
        GenerateOptions options = sampling.toOptions(spec.commandLine());
        try (var progress = new ProgressBar(io); Crema crema = modelOptions.loader(progress).load()) {
            progress.close();
            if (json) {
                io.out().println(JsonWriter.compact(toJson(crema, crema.complete(text, options))));
            } else {
                crema.complete(text, options, io::print);
                if (io.outIsTerminal()) {
                    io.out().println(); // In a pipe the text stays exactly what the model wrote.
                }
            }
            io.out().flush();
        }
        return 0;
    }

    private String prompt() throws IOException {
        if ((prompt == null) == (positional == null)) {
            throw new ParameterException(spec.commandLine(), prompt == null ? "There is no text to continue." : "The text is given twice.");
        }
        String text = prompt == null ? positional : prompt;
        return text.equals("-") && prompt != null ? new String(io.in().readAllBytes(), StandardCharsets.UTF_8) : text;
    }

    private static Json.Obj toJson(Crema crema, Completion completion) {
        var tokens = new Json.Arr();
        for (int id : completion.tokens()) {
            tokens.add(Json.of((long) id));
        }
        return new Json.Obj().put("text", completion.text()).put("tokens", tokens).put("finish_reason", completion.finishReason())
            .put("timings", timings(completion.stats())).put("model", crema.model().id()).put("device", crema.device().kind());
    }

    /** In the names that the API uses too. */
    private static Json.Obj timings(GenerationStats stats) {
        return new Json.Obj().put("queue_ms", millis(stats.queueNanos())).put("cache_n", stats.cachedTokens())
            .put("prompt_n", stats.promptTokens() - stats.cachedTokens()).put("prompt_ms", millis(stats.prefillNanos()))
            .put("prompt_per_second", round(stats.prefillTokensPerSecond())).put("predicted_n", stats.completionTokens())
            .put("predicted_ms", millis(stats.decodeNanos())).put("predicted_per_second", round(stats.decodeTokensPerSecond()));
    }

    private static double millis(long nanos) {
        return round(nanos / 1e6);
    }

    private static double round(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
