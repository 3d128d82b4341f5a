package dev.crema.engine;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.Progress;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.device.Device;

/** From files to a running engine: open the checkpoint, build the graph, upload the weights, compile. */
public final class ModelLoader {
    private ModelLoader() { }

    /** Opens the checkpoint and builds the graph; reads headers only. {@code id} null takes the files' name. */
    public static Model awaitOpen(ModelFiles files, String id, int contextLength) {
        throw new UnsupportedOperationException();
    }

    /** Uploads the model's weights to {@code device} and compiles. The engine owns the executable, the caller keeps the device. */
    public static Engine awaitLoad(Model model, Device device, EngineOptions options, Clock clock, Progress progress, Cancellation cancellation) {
        throw new UnsupportedOperationException();
    }
}
