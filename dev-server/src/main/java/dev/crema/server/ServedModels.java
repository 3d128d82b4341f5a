package dev.crema.server;

import dev.crema.jvm.Crema;
import dev.crema.jvm.cli.DeviceOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Which models a server has, and how many of them at once. */
final class ServedModels {
    @Option(names = "--model", paramLabel = "[NAME=]MODEL", description = "GGUF file, Hugging Face folder, or http(s) URL of either (fetched once "
        + "into the cache); repeatable. Requests name it by file or folder, or by NAME. The first is loaded at the start, the others when a "
        + "request names them. The embedded crema-tiny without any.")
    private List<String> models = List.of();

    @Option(names = "--models-dir", paramLabel = "DIR", description = "Serve every GGUF file and Hugging Face folder in DIR, too.")
    private Path folder;

    @Option(names = "--model-id", paramLabel = "NAME", description = "What requests call the model, where there is one.")
    private String modelId;

    @Option(names = "--max-loaded", paramLabel = "N", description = "Models in memory at once; another one takes the place of the one unused "
        + "for longest. Default: as many as there are --model, at least 1.")
    private Integer maxLoaded;

    @Option(names = "--idle-unload", paramLabel = "TIME", defaultValue = "0", converter = DurationConverter.class,
        description = "Unload a model that nobody has used for so long (10m, 2h); 0 for never. Default: never.")
    private Duration idleUnload;

    @Option(names = "--parallel", paramLabel = "N", defaultValue = "8",
        description = "Requests of a model computed at once; more wait. Default: ${DEFAULT-VALUE}.")
    private int parallel;

    @Option(names = "--queue", paramLabel = "N", defaultValue = "256",
        description = "Requests of a model that wait, at most; one more is refused with 429. Default: ${DEFAULT-VALUE}.")
    private int queue;

    @Mixin
    private DeviceOptions deviceOptions;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** All models, the default one first; usage errors are thrown. */
    List<ServedModel> models(String positional) {
        Usage.requireRange(spec, "--parallel", parallel, 1, 1024);
        Usage.requireRange(spec, "--queue", queue, 1, 1_000_000);
        if (maxLoaded != null) {
            Usage.requireRange(spec, "--max-loaded", maxLoaded, 1, 1024);
        }
        if (positional != null && !models.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "The model is given twice: " + positional + " and --model " + models.getFirst() + ".");
        }
        var all = new ArrayList<ServedModel>();
        (positional == null ? models : List.of(positional)).forEach(model -> all.add(ServedModel.parse(model)));
        if (folder != null) {
            all.addAll(ServedModel.in(folder));
            if (all.isEmpty()) {
                throw new ParameterException(spec.commandLine(), "There is no GGUF file and no folder with a config.json in " + folder + ".");
            }
        }
        if (all.isEmpty()) {
            all.add(ServedModel.embedded());
        }
        if (modelId != null) {
            if (all.size() > 1) {
                throw new ParameterException(spec.commandLine(), "--model-id names one of " + all.size() + " models; write --model NAME=MODEL for each.");
            }
            all.set(0, new ServedModel(modelId, all.getFirst().source()));
        }
        ServedModel.byName(all);
        return all;
    }

    /** A pool of {@code all}. */
    ModelPool pool(List<ServedModel> all, ModelPool.Loader loader) {
        return new ModelPool(all, loader, maxLoaded != null ? maxLoaded : Math.max(1, models.size()), idleUnload.toMillis());
    }

    /** A loader of one of them. */
    Crema.Loader loader(ServedModel model) {
        return deviceOptions.loader(model.source()).id(model.name()).parallel(parallel, queue);
    }
}
