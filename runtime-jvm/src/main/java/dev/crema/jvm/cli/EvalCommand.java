package dev.crema.jvm.cli;

import dev.crema.jvm.eval.Divergence;
import dev.crema.jvm.eval.MultipleChoice;
import dev.crema.jvm.eval.Perplexity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.List;
import java.util.function.UnaryOperator;

/** {@code crema eval}: how good a model is. */
@Command(name = "eval", synopsisSubcommandLabel = "ppl | kld | choice | sweep", description = "Measure how good a model is, or what a number format costs it.")
public final class EvalCommand implements Runnable {
    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    public EvalCommand(Io io) {
        this.io = io;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to measure: ppl, kld, choice or sweep.");
    }

    @Command(name = "ppl", description = "Perplexity: how surprised the model is by a text. Lower is better.")
    int perplexity(@Mixin HelpOption ignored, @Mixin EvalOptions options, @Parameters(arity = "1..2", paramLabel = "[MODEL] TEXT", hideParamSyntax = true, description = EvalOptions.MODEL_AND + "a text file, UTF-8.") List<String> words) {
        String read = EvalOptions.text(options.file(words));
        Perplexity result = options.with(io, options.model(words), UnaryOperator.identity(), (scorer, share) -> Perplexity.await(scorer, read, options.window, share));
        options.print(io, result.toJson());
        return 0;
    }

    @Command(name = "kld", description = "Kullback-Leibler divergence from another model, token by token: what a number format changes. 0 is the same.")
    int divergence(@Mixin HelpOption ignored, @Mixin EvalOptions options, @Parameters(arity = "1..2", paramLabel = "[MODEL] TEXT", hideParamSyntax = true, description = EvalOptions.MODEL_AND + "a text file, UTF-8.") List<String> words,
            @Option(names = "--base", paramLabel = "MODEL", required = true, description = "The model in its best format.") String base) {
        String read = EvalOptions.text(options.file(words));
        Divergence result = options.with(io, base, UnaryOperator.identity(), (expected, ignoredShare) -> options.with(io, options.model(words), UnaryOperator.identity(),
            (scorer, share) -> Divergence.await(scorer, expected, read, options.window, share)));
        options.print(io, result.toJson());
        return 0;
    }

    @Command(name = "choice", description = "Multiple choice: how often the right ending is the likeliest.",
        footer = {"", "A line of TASKS: {\"query\": \"The sky is\", \"choices\": [\" blue\", \" wet\"], \"answer\": 0}"})
    int choice(@Mixin HelpOption ignored, @Mixin EvalOptions options, @Parameters(arity = "1..2", paramLabel = "[MODEL] TASKS", hideParamSyntax = true, description = EvalOptions.MODEL_AND + "JSON lines.") List<String> words) {
        var questions = MultipleChoice.parse(EvalOptions.text(options.file(words)));
        MultipleChoice result = options.with(io, options.model(words), UnaryOperator.identity(), (scorer, share) -> MultipleChoice.await(scorer, questions, share));
        options.print(io, result.toJson());
        return 0;
    }
}
