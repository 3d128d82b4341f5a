package dev.crema.web.worker;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.Progress;
import dev.crema.device.KvFormats;
import dev.crema.engine.Engine;
import dev.crema.engine.EngineOptions;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.graph.Weight;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.tensor.DType;
import dev.crema.web.device.Tuning;
import dev.crema.web.storage.JsFiles;
import dev.crema.web.storage.WebFiles;

/** Loads a model for the page: device, checkpoint, weights, pipelines. */
final class Loader {
    private final Host host;
    private final Clock clock;
    private final Json.Obj options;
    private final Cancellation cancellation;

    /** {@code optionsJson} is what crema.js has checked: device, threads, selfTest, tune, contextLength, kvType, stepsAhead, maxQueued, id. */
    Loader(Host host, Clock clock, String optionsJson, Cancellation cancellation) {
        this.host = host;
        this.clock = clock;
        this.cancellation = cancellation;
        options = (Json.Obj) JsonParser.parse(optionsJson);
    }

    /** Loads and reports {@code loaded}; what goes wrong is thrown, with nothing left behind. */
    Session awaitLoad(JsFiles files) {
        long began = clock.nanos();
        var notes = new HostNotes(host);
        Tuning tuning = "off".equals(text("tune")) ? null : Tuning.keptIn(notes);
        var ladder = new DeviceLadder(host, text("device"), number("threads"), tuning);
        var trial = new GpuTrial(host, ladder, !"off".equals(text("selfTest")), notes, clock, this::report);
        Placement placement = Placement.awaitOpen(host, ladder, trial, this::report, cancellation);
        try {
            int contextLength = number("contextLength");
            Model model = ModelLoader.awaitOpen(new WebFiles(files), text("id"), contextLength);
            long opened = clock.nanos();
            EngineOptions defaults = EngineOptions.DEFAULT;
            EngineOptions wanted = new EngineOptions(contextLength, defaults.maxSequences(), number("maxQueued"), defaults.prefillChunk(), 0,
                KvFormats.named(text("kvType")), number("stepsAhead"));
            Engine engine = new Engine(model, placement.awaitPlace(model, wanted), wanted, clock, placement);
            cancellation.check();
            Session session = new Session(host, placement, engine, clock);
            host.loaded(info(model, engine, placement.describe(), opened - began, clock.nanos() - opened).toString());
            return session;
        } catch (RuntimeException error) {
            placement.close();
            throw error;
        }
    }

    private int number(String name) {
        return (int) ((Json.Num) options.get(name)).longValue();
    }

    private String text(String name) {
        return options.get(name) instanceof Json.Str string ? string.value() : null;
    }

    private void report(Progress.Phase phase, String what, long done, long total) {
        if (phase != Progress.Phase.READY) {
            host.progress(name(phase), what, done, total);
        }
    }

    private static String name(Progress.Phase phase) {
        return switch (phase) {
            case OPEN -> "open";
            case TEST -> "test";
            case DOWNLOAD -> "download";
            case UPLOAD -> "upload";
            case TUNE -> "tune";
            case COMPILE -> "compile";
            case READY -> "ready";
        };
    }

    private static Json.Obj info(Model model, Engine engine, Json.Obj device, long openNanos, long loadNanos) {
        return new Json.Obj().put("device", device).put("model", describe(model, engine)).put("load",
            new Json.Obj().put("openMillis", openNanos / 1_000_000).put("uploadMillis", loadNanos / 1_000_000));
    }

    private static Json.Obj describe(Model model, Engine engine) {
        long parameters = 0;
        long bytes = 0;
        long[] bytesOf = new long[DType.values().length];
        for (Weight weight : model.weights().used().values()) {
            long elements = weight.shape().elements();
            parameters += elements;
            bytes += weight.dtype().bytes(elements);
            bytesOf[weight.dtype().ordinal()] += weight.dtype().bytes(elements);
        }
        Json architecture = model.checkpoint().config().get("model_type");
        return new Json.Obj().put("id", model.id()).put("architecture", architecture == null ? Json.NULL : architecture)
            .put("format", model.checkpoint().format()).put("parameters", parameters).put("bytes", bytes).put("dtype", most(bytesOf).name())
            .put("contextLength", engine.contextLength()).put("vocabularySize", model.tokenizer().vocabSize())
            .put("hasChatTemplate", model.template() != null);
    }

    private static DType most(long[] bytesOf) {
        DType most = DType.F32;
        for (DType dtype : DType.values()) {
            most = bytesOf[dtype.ordinal()] > bytesOf[most.ordinal()] ? dtype : most;
        }
        return most;
    }
}
