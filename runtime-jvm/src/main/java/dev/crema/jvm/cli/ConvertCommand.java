package dev.crema.jvm.cli;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.jvm.convert.Conversion;
import dev.crema.jvm.convert.TypeMix;
import dev.crema.jvm.files.ModelSource;
import dev.crema.jvm.files.OpenModelFiles;
import dev.crema.quant.Quantizer;
import dev.crema.quant.Rounding;
import dev.crema.tensor.DType;
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
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/** {@code crema convert}: another number format, another container. */
@Command(name = "convert", description = "Write a model as GGUF or as a folder for a web server, with its matrices in another number format.",
    footer = {"", "OUT is a GGUF file, or a folder with --shard-size (or where it ends in /): parts of at most that size and crema.json, to be put on any static",
        "web server; its address is then a model. Norms and biases stay F32; below 6 bits the embedding and the output head are kept better, and of K-quants",
        "attn_v and ffn_down too (--pure turns that off). nf4 (bitsandbytes') is no format of GGUF: OUT is then a Hugging Face folder of safetensors, which a web",
        "server can have, too, and IN one of safetensors or of MLC. An interrupted conversion is continued by the same command.", "",
        "  crema convert ~/models/Qwen3-0.6B qwen3-q4_k.gguf --type Q4_K",
        "  crema convert model-f16.gguf site/model --type Q4_0 --shard-size 100MB"})
public final class ConvertCommand implements Callable<Integer> {
    private static final String DEFAULT_SHARD = "256MB";

    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Parameters(index = "0", paramLabel = "IN", description = "GGUF file, Hugging Face or MLC folder, or http(s) URL of one.")
    private String source;

    @Parameters(index = "1", paramLabel = "OUT", description = "The file or folder to write; it appears when it is whole.")
    private String target;

    @Option(names = "--type", paramLabel = "TYPE", required = true,
        description = "Number format of the matrices: F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, MXFP4 or nf4.")
    private String type;

    @Option(names = "--rounding", paramLabel = "HOW", defaultValue = "search",
        description = "How scales are chosen: plain (from the extremes, fast), search (least error), or neuqi (the best zero point of each scale; for the "
            + "formats with a minimum). Default: ${DEFAULT-VALUE}.")
    private Rounding rounding;

    @Option(names = "--imatrix", paramLabel = "FILE", description = "What 'crema imatrix' measured: errors are least where the model's inputs are large.")
    private Path imatrix;

    @Option(names = "--pure", description = "Every matrix in TYPE.")
    private boolean pure;

    @Option(names = "--shard-size", paramLabel = "SIZE", description = "Write a folder of files of at most this size: 25MB, 1.5GB, ... Default for folders: 256MB.")
    private String shardSize;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute; as many as there are processors without it.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--force", description = "Write over what is there.")
    private boolean force;

    public ConvertCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        boolean nf4 = type.equalsIgnoreCase("nf4");
        DType format = nf4 ? null : format();
        if (nf4 && (imatrix != null || pure || rounding != Rounding.SEARCH)) {
            throw new ParameterException(spec.commandLine(), "--imatrix, --pure and --rounding are for formats of GGUF: nf4 has one way to round.");
        }
        boolean folder = nf4 || shardSize != null || target.endsWith("/");
        Path out = Path.of(target);
        if (Files.exists(out) && !force) {
            throw new ParameterException(spec.commandLine(), out + " is there already; --force writes over it.");
        }
        if (threads < 1 || threads > 1024) {
            throw new ParameterException(spec.commandLine(), "--threads is " + threads + ", expected 1 to 1024.");
        }
        Map<String, float[]> importance = imatrix == null ? Map.of() : ImatrixCommand.read(imatrix);
        long shardBytes = folder ? Sizes.parse(shardSize == null ? DEFAULT_SHARD : shardSize) : 0;
        if (folder && shardBytes <= 0) {
            throw new ParameterException(spec.commandLine(), "--shard-size is " + shardSize + ", expected a size such as 100MB.");
        }
        var options = new Conversion.Options(nf4 ? null : new TypeMix(format, pure), rounding, importance, shardBytes, threads);
        try (var progress = new ProgressBar(io); OpenModelFiles files = ModelSource.open(source, progress, new Cancellation())) {
            Conversion.Result result = new Conversion(options, progress, new Cancellation()).run(files, out);
            progress.close();
            report(out, result);
        } catch (IOException e) {
            throw new CremaException(ErrorCode.STORAGE_FAILED, "Writing " + out + " failed: " + e + ".",
                "What was written so far is in " + out + ".part; the same command goes on from there.", e);
        }
        return 0;
    }

    private DType format() {
        for (DType format : DType.values()) {
            if (format.name().equalsIgnoreCase(type) && Quantizer.supports(format)) {
                return format;
            }
        }
        throw new ParameterException(spec.commandLine(), "--type is " + type + "; Crema writes " + Quantizer.names() + ", nf4.");
    }

    private void report(Path out, Conversion.Result result) {
        result.skipped().forEach(name -> io.err().println("left out: " + name + ", which GGUF has no place for"));
        String types = result.byType().entrySet().stream().map(entry -> entry.getKey() + " " + Sizes.bytes(entry.getValue()))
            .collect(Collectors.joining(", "));
        io.out().println(String.format(Locale.ROOT, "%s: %s in %d file%s (%s)", out, Sizes.bytes(result.bytes()), result.files(),
            result.files() == 1 ? "" : "s", types));
    }
}
