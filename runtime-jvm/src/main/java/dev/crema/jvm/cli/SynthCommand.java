package dev.crema.jvm.cli;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.jvm.synth.Shapes;
import dev.crema.jvm.synth.SyntheticModel;
import dev.crema.jvm.synth.SyntheticSpec;
import dev.crema.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code crema synth}: a model of a real shape with made-up weights, to measure with. */
@Command(name = "synth", description = "Write a GGUF file of a real model's shape with random weights, for benchmarks.",
    footer = {"", "The same shape and format give the same file everywhere. What such a model writes is noise; its speed is the real one's."})
public final class SynthCommand implements Callable<Integer> {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Option(names = "--shape", paramLabel = "SHAPE", required = true, completionCandidates = ShapeNames.class,
        description = "One of ${COMPLETION-CANDIDATES}.")
    private String shape;

    @Option(names = "--type", paramLabel = "TYPE", defaultValue = "Q4_0",
        description = "Number format of the matrices, as ggml calls it: F16, Q4_0, Q8_0, Q4_K, ... Default: ${DEFAULT-VALUE}.")
    private DType type;

    @Option(names = "--force", description = "Write over a file that is there.")
    private boolean force;

    @Parameters(index = "0", paramLabel = "OUT.gguf", description = "The file to write; it appears when it is whole.")
    private Path target;

    public SynthCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        SyntheticSpec chosen = Shapes.named(shape);
        if (chosen == null) {
            throw new ParameterException(spec.commandLine(), "There is no shape " + shape + ". The shapes are " + Shapes.names() + ".");
        }
        if (Files.exists(target) && !force) {
            throw new ParameterException(spec.commandLine(), target + " is there already; --force writes over it.");
        }
        Path folder = target.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new CremaException(ErrorCode.NOT_FOUND, "There is no folder " + folder + ".", "Make it, or write somewhere else.");
        }
        SyntheticModel model = new SyntheticModel(chosen, type);
        try (var progress = new ProgressBar(io)) {
            write(model, progress);
        } catch (IOException e) {
            throw new CremaException(ErrorCode.STORAGE_FAILED, "Writing " + target + " failed: " + e.getMessage() + ".",
                "It needs " + Sizes.bytes(model.weightBytes()) + " and a folder that can be written to.", e);
        }
        io.out().println(target + ": " + shape + ", " + type + ", " + Sizes.count(model.parameters()) + " parameters, "
            + Sizes.bytes(model.weightBytes()));
        return 0;
    }

    /** Under another name first, which goes when it fails or is interrupted: a model is there as a whole or not at all. */
    private void write(SyntheticModel model, ProgressBar progress) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        part.toFile().deleteOnExit();
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part), BUFFER_BYTES)) {
                model.writeTo(out, bytes -> progress.report(Progress.Phase.DOWNLOAD, "writing " + target.getFileName(), bytes, model.weightBytes()));
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** For the help, which is made without an instance. */
    static final class ShapeNames extends ArrayList<String> {
        ShapeNames() {
            super(List.of(Shapes.names().split(", ")));
        }
    }
}
