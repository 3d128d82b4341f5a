package dev.crema.jvm.cli;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.jvm.convert.ImportanceFile;
import dev.crema.jvm.eval.ImportanceMatrix;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code crema imatrix}: what {@code crema convert --imatrix} needs. */
@Command(name = "imatrix", description = "Measure on a text which inputs of a model's layers are large, so that 'crema convert --imatrix' rounds their weights best.",
    footer = {"", "Run it on the unquantised model, with a text like those that it will read; some ten thousand tokens are enough."})
public final class ImatrixCommand implements Callable<Integer> {
    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Mixin
    private EvalOptions options;

    @Parameters(index = "0", paramLabel = "TEXT", description = "A text file, UTF-8.")
    private Path text;

    @Parameters(index = "1", paramLabel = "OUT.gguf", description = "The file to write, in the format of llama.cpp's imatrix files.")
    private Path target;

    @Option(names = "--model", paramLabel = "MODEL", description = "The model; the embedded crema-tiny without it.")
    private String model;

    @Option(names = "--force", description = "Write over a file that is there.")
    private boolean force;

    public ImatrixCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        if (Files.exists(target) && !force) {
            throw new ParameterException(spec.commandLine(), target + " is there already; --force writes over it.");
        }
        String read = EvalOptions.text(text);
        int layers = options.with(io, model, ImportanceMatrix::tapped, (scorer, share) -> {
            Map<String, float[]> means = ImportanceMatrix.await(scorer, read, options.window, share);
            return ImportanceFile.write(target, means, scorer.model().weights().used(), scorer.model().checkpoint().config());
        });
        io.out().println(target + ": " + layers + " tensors");
        return 0;
    }

    /** By the names of the checkpoint's tensors. */
    static Map<String, float[]> readFor(Path file, Checkpoint checkpoint) {
        return ImportanceFile.named(read(file), checkpoint);
    }

    /** By GGUF name. */
    static Map<String, float[]> read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CremaException(ErrorCode.NOT_FOUND, "There is no importance matrix at " + file + ".", "Make one with 'crema imatrix'.");
        }
        try {
            return ImportanceFile.read(file);
        } catch (IOException e) {
            throw new CremaException(ErrorCode.NOT_FOUND, "Reading " + file + " failed: " + e + ".", "", e);
        }
    }
}
