package dev.crema.jvm.cli;

import dev.crema.Cancellation;
import dev.crema.device.Device;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.graph.Weight;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;
import dev.crema.jvm.Devices;
import dev.crema.jvm.bench.MemoryBandwidth;
import dev.crema.jvm.bench.StepTimer;
import dev.crema.jvm.files.ModelSource;
import dev.crema.jvm.files.OpenModelFiles;
import dev.crema.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code crema measure}: one side of {@code crema bench}. It waits for orders, so that engines are measured in turn and not at once. */
@Command(name = "measure", hidden = true, description = "Measure a model step by step, as 'crema bench' orders it.",
    footer = {"", "Reads lines: 'prefill N', 'first N' (prompt of N tokens to its first token), 'decode N'. Answers each with a line of JSON:",
        "{\"millis\": ...}. Ends with its input."})
public final class MeasureCommand implements Callable<Integer> {
    private static final int BANDWIDTH_ROUNDS = 12;

    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "GGUF file or Hugging Face folder; the embedded crema-tiny without it.")
    private String model;

    @Option(names = "--device", paramLabel = "DEVICE", description = "vector or reference; the best one without it.")
    private String device;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the device; its own choice without it.")
    private Integer threads;

    @Option(names = "--no-repack", description = "Keep weights in the mapped file alone.")
    private boolean noRepack;

    @Option(names = "--context-length", paramLabel = "TOKENS", defaultValue = "1024", description = "Longest text. Default: ${DEFAULT-VALUE}.")
    private int contextLength;

    @Option(names = "--describe", description = "Only say what the model is, and end.")
    private boolean describe;

    @Option(names = "--bandwidth", description = "Only measure how fast so many threads read memory, and end.")
    private boolean bandwidth;

    public MeasureCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() throws IOException {
        if (threads != null && threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads is " + threads + ", expected 1 or more.");
        }
        if (bandwidth) {
            int readers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
            say(new Json.Obj().put("bytesPerSecond", MemoryBandwidth.awaitMeasure(readers, BANDWIDTH_ROUNDS)));
            return 0;
        }
        long began = System.nanoTime();
        Devices.prepare(device);
        try (OpenModelFiles files = ModelSource.open(model, new ProgressBar(io), new Cancellation())) {
            Model opened = ModelLoader.awaitOpen(files, null, 0);
            if (describe) {
                say(describe(opened));
                return 0;
            }
            int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
            try (Device on = Devices.open(device, count, !noRepack);
                    StepTimer timer = StepTimer.awaitLoad(opened, on, contextLength)) {
                say(new Json.Obj().put("name", on.info().name()).put("loadMillis", (System.nanoTime() - began) / 1e6));
                serve(timer);
            }
        }
        return 0;
    }

    /** {@code dtype} is the format that most bytes have. */
    private static Json.Obj describe(Model model) {
        var bytes = new EnumMap<DType, Long>(DType.class);
        for (Weight weight : model.weights().used().values()) {
            bytes.merge(weight.dtype(), weight.dtype().bytes(weight.shape().elements()), Long::sum);
        }
        DType most = Collections.max(bytes.entrySet(), Map.Entry.comparingByValue()).getKey();
        return new Json.Obj().put("id", model.id()).put("dtype", most.name()).put("bytes", bytes.values().stream().mapToLong(Long::longValue).sum())
            .put("decodeBytes", StepTimer.decodeBytes(model.graph())).put("vocabulary", (long) model.graph().logits().channels())
            .put("contextLength", (long) model.contextLength());
    }

    private void serve(StepTimer timer) throws IOException {
        var orders = new BufferedReader(new InputStreamReader(io.in(), StandardCharsets.UTF_8));
        for (String line = orders.readLine(); line != null; line = orders.readLine()) {
            String[] words = line.split(" ");
            int tokens = Integer.parseInt(words[1]);
            long nanos = switch (words[0]) {
                case "prefill" -> timer.awaitPrefill(tokens);
                case "first" -> timer.awaitFirstToken(tokens);
                case "decode" -> timer.awaitDecode(tokens);
                default -> throw new ParameterException(spec.commandLine(), "'" + line + "' is no measurement.");
            };
            say(new Json.Obj().put("millis", nanos / 1e6));
        }
    }

    private void say(Json.Obj line) {
        io.print(JsonWriter.compact(line) + "\n");
    }
}
