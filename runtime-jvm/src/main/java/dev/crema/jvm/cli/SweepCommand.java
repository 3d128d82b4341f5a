package dev.crema.jvm.cli;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.jvm.Devices;
import dev.crema.jvm.eval.Sweep;
import dev.crema.jvm.eval.SweepReport;
import dev.crema.jvm.eval.WeightFormat;
import dev.crema.jvm.files.ModelSource;
import dev.crema.jvm.files.OpenModelFiles;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code crema eval sweep}: formats against sampling. */
@Command(name = "sweep", description = "Quantise a model's linear layers in several formats and write with several choices of sampling: a CSV file and plots of quality, "
    + "speed and memory.",
    footer = {"", "After arXiv 2309.05210. Quality is the perplexity of TEXT, the divergence from the unrounded model, and the perplexity by the unrounded model of what the",
        "rounded one writes. Formats that devices don't compute with (nf4, fp4, int8, minmaxN, neuqiN) are rounded and then computed in F32: their quality and size",
        "are real, and no speed is given. Embedding and output head stay as they are.", "",
        "  crema eval sweep text.txt out/ --types nf4,fp4,int8,Q4_0,Q4_K --temperature 0,0.5,1 --top-k 0,40 --max-tokens 32,128"})
public final class SweepCommand implements Callable<Integer> {
    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Parameters(index = "0", paramLabel = "TEXT", description = "A text file, UTF-8.")
    private Path text;

    @Parameters(index = "1", paramLabel = "OUT", description = "A folder; sweep.csv and the plots in it are written over.")
    private Path out;

    @Option(names = "--model", paramLabel = "MODEL", description = "The model, in its best format; the embedded crema-tiny without it.")
    private String model;

    @Option(names = "--types", paramLabel = "TYPE", split = ",", defaultValue = "F16,Q8_0,int8,Q4_K,Q4_0,nf4,fp4,Q3_K,Q2_K", description = "Formats. Default: ${DEFAULT-VALUE}.")
    private List<String> types;

    @Option(names = "--temperature", paramLabel = "T", split = ",", defaultValue = "0,0.4,0.8,1.2", description = "Default: ${DEFAULT-VALUE}.")
    private List<Float> temperatures;

    @Option(names = "--top-k", paramLabel = "K", split = ",", defaultValue = "0,40", description = "0 for all tokens. Default: ${DEFAULT-VALUE}.")
    private List<Integer> topKs;

    @Option(names = "--max-tokens", paramLabel = "N", split = ",", defaultValue = "64", description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> maxTokens;

    @Option(names = "--prompt", paramLabel = "PROMPT", description = "What texts begin with; may be given several times. Default: the first words of TEXT.")
    private List<String> prompts;

    @Option(names = "--imatrix", paramLabel = "FILE", description = "What 'crema imatrix' measured.")
    private Path imatrix;

    @Option(names = "--device", paramLabel = "DEVICE", description = "What computes: vector or reference; the best one without it.")
    private String device;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute; as many as there are processors without it.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--window", paramLabel = "TOKENS", defaultValue = "256", description = "Tokens that are read together. Default: ${DEFAULT-VALUE}.")
    private int window;

    public SweepCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        String read = EvalOptions.text(text);
        if (temperatures.stream().anyMatch(t -> t < 0 || t > 10) || topKs.stream().anyMatch(k -> k < 0) || maxTokens.stream().anyMatch(n -> n < 1) || window < 2) {
            throw new ParameterException(spec.commandLine(), "A temperature is 0 to 10, --top-k 0 or more, --max-tokens 1 or more, --window 2 or more.");
        }
        List<String> begins = prompts == null ? List.of(String.join(" ", List.of(read.strip().split("\\s+", 6)).subList(0, Math.min(5, read.strip().split("\\s+", 6).length))))
            : prompts;
        var grid = new Sweep.Grid(types.stream().map(WeightFormat::named).toList(), temperatures, topKs, maxTokens, begins);
        try (var progress = new ProgressBar(io); OpenModelFiles files = ModelSource.open(model, progress, new Cancellation())) {
            Files.createDirectories(out);
            Model base = ModelLoader.awaitOpen(files, null, 0);
            Map<String, float[]> importance = imatrix == null ? Map.of() : ImatrixCommand.readFor(imatrix, base.checkpoint());
            List<Sweep.Row> rows = new Sweep(base, () -> Devices.open(device, threads, true), importance, progress).run(grid, read, window);
            progress.close();
            List<String> names = SweepReport.write(out, rows);
            io.out().println(rows.size() + " points: " + String.join(", ", names.stream().map(name -> out.resolve(name).toString()).toList()));
        } catch (IOException e) {
            throw new CremaException(ErrorCode.STORAGE_FAILED, "Writing into " + out + " failed: " + e + ".", "", e);
        }
        return 0;
    }
}
