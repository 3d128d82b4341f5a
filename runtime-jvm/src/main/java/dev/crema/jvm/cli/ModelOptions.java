package dev.crema.jvm.cli;

import dev.crema.jvm.Crema;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model, and where it runs. */
public final class ModelOptions {
    @Option(names = "--model", paramLabel = "MODEL",
        description = "GGUF file, Hugging Face folder, or http(s) URL of either (fetched once into the cache); the embedded crema-tiny without it.")
    String model;

    @Mixin
    private DeviceOptions deviceOptions;

    public String model() {
        return model;
    }

    /** Takes a model that stands without {@code --model}; both at once is a usage error. */
    public void positional(String positional, CommandLine commandLine) {
        if (positional == null) {
            return;
        }
        if (model != null) {
            throw new CommandLine.ParameterException(commandLine, "The model is given twice: " + positional + " and --model " + model + ".");
        }
        model = positional;
    }

    /** A loader with these choices that reports to {@code progress}. */
    public Crema.Loader loader(ProgressBar progress) {
        return deviceOptions.loader(model).progress(progress);
    }
}
