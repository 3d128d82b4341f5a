package dev.crema.jvm.cli;

import dev.crema.jvm.GenerateOptions;
import picocli.CommandLine;
import picocli.CommandLine.Option;

import java.util.List;

/** How tokens are chosen; what is not given is the model's own default. */
final class SamplingOptions {
    @Option(names = "--max-tokens", paramLabel = "N", description = "Tokens of a reply, at most; as many as the context holds without it.")
    Integer maxTokens;

    @Option(names = "--temperature", paramLabel = "T", description = "0 always takes the most likely token.")
    Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Choose among the K most likely tokens; 0 for all.")
    Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Choose among the most likely tokens that together reach P.")
    Double topP;

    @Option(names = "--min-p", paramLabel = "P", description = "Choose among tokens at least P times as likely as the most likely.")
    Double minP;

    @Option(names = "--seed", paramLabel = "S", description = "The same seed gives the same reply; a new one each time without it.")
    Long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End the reply before this text; may be given several times.")
    List<String> stop = List.of();

    GenerateOptions toOptions(CommandLine commandLine) {
        if (maxTokens != null && maxTokens < 1) {
            throw new CommandLine.ParameterException(commandLine, "--max-tokens is " + maxTokens + ", expected 1 or more.");
        }
        return new GenerateOptions(maxTokens == null ? 0 : maxTokens, temperature, topK, topP, minP, seed, stop, null);
    }
}
