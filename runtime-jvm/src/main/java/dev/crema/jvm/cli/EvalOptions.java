package dev.crema.jvm.cli;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Device;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;
import dev.crema.jvm.Devices;
import dev.crema.jvm.eval.Scorer;
import dev.crema.jvm.files.ModelSource;
import dev.crema.jvm.files.OpenModelFiles;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleConsumer;
import java.util.function.UnaryOperator;

/** What the commands that judge models have in common: where they run, and in which windows they read. */
final class EvalOptions {
    private static final long MAX_TEXT_BYTES = 256L << 20;

    /** How the parameters of the commands that judge one model begin. */
    static final String MODEL_AND = "The model (the embedded crema-tiny without it), and ";

    @Option(names = "--device", paramLabel = "DEVICE", description = "What computes: vector or reference; the best one without it.")
    String device;

    @Option(names = "--window", paramLabel = "TOKENS", defaultValue = "512",
        description = "Tokens that are read together; each is predicted from those before it. Default: ${DEFAULT-VALUE}.")
    int window;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute; as many as there are processors without it.")
    int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** Work with a model that is ready. */
    interface Work<T> {
        T apply(Scorer scorer, DoubleConsumer share) throws IOException;
    }

    /** Loads the model, does the work and frees everything; {@code change} may look into the graph. */
    <T> T with(Io io, String source, UnaryOperator<Model> change, Work<T> work) {
        if (window < 2) {
            throw new ParameterException(spec.commandLine(), "--window is " + window + ", expected 2 or more.");
        }
        Devices.prepare(device);
        try (var progress = new ProgressBar(io); OpenModelFiles files = ModelSource.open(source, progress, new Cancellation())) {
            Model model = change.apply(ModelLoader.awaitOpen(files, null, 0));
            try (Device on = Devices.open(device, threads, true); Scorer scorer = Scorer.awaitOpen(model, on, window, progress)) {
                return work.apply(scorer, share -> progress.report(Progress.Phase.OPEN, "reading with " + model.id(), (long) (1000 * share), 1000));
            } catch (IOException e) {
                throw new CremaException(ErrorCode.STORAGE_FAILED, e.toString(), "", e);
            }
        }
    }

    /** Of one or two parameters the model, or null where there is none. */
    String model(List<String> words) {
        if (words.size() > 2) {
            throw new ParameterException(spec.commandLine(), "There are " + words.size() + " parameters, expected a model and a file.");
        }
        return words.size() == 2 ? words.get(0) : null;
    }

    /** The file of those. */
    Path file(List<String> words) {
        return Path.of(words.getLast());
    }

    /** A text file, UTF-8. */
    static String text(Path file) {
        try {
            if (Files.size(file) > MAX_TEXT_BYTES) {
                throw new CremaException(ErrorCode.INVALID_REQUEST, file + " has " + Files.size(file) + " bytes, " + MAX_TEXT_BYTES + " is the limit.",
                    "Take a part of it: a megabyte is enough for two digits.");
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new CremaException(ErrorCode.NOT_FOUND, "There is no file " + file + ".", "", e);
        } catch (CharacterCodingException e) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, file + " is no text in UTF-8.", "", e);
        } catch (IOException e) {
            throw new CremaException(ErrorCode.NOT_FOUND, "Reading " + file + " failed: " + e + ".", "", e);
        }
    }

    void print(Io io, Json.Obj result) {
        if (json) {
            io.print(JsonWriter.compact(result) + "\n");
            return;
        }
        result.members().forEach((name, value) -> io.print(name.replace('_', ' ') + " ".repeat(Math.max(1, 20 - name.length()))
            + (value instanceof Json.Num number && !number.isInteger() ? String.format(Locale.ROOT, "%.5g", number.doubleValue()) : value) + "\n"));
    }
}
