package dev.crema.web.worker;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.engine.EngineOptions;
import dev.crema.engine.ExecutableSource;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.graph.Graph;
import dev.crema.json.Json;

/**
 * Where a model runs. When its device fails, the model moves to a fresh one: its weights are read again, from the store where that
 * has them, and all is compiled for the same limits.
 */
final class Placement implements ExecutableSource, AutoCloseable {
    private final Host host;
    private final DeviceLadder ladder;
    private final GpuTrial trial;
    private final Progress progress;
    private final Cancellation loading;
    private Device device;
    private Model model;
    private Limits limits;
    private boolean closed;

    private Placement(Host host, DeviceLadder ladder, GpuTrial trial, Progress progress, Cancellation loading, Device device) {
        this.host = host;
        this.ladder = ladder;
        this.trial = trial;
        this.progress = progress;
        this.loading = loading;
        this.device = device;
    }

    /** Opens a device; {@code loading} ends bringing the model to it, until it is there or closed. */
    static Placement awaitOpen(Host host, DeviceLadder ladder, GpuTrial trial, Progress progress, Cancellation loading) {
        return new Placement(host, ladder, trial, progress, loading, ladder.awaitChoose());
    }

    /** The device as the page shows it: {@code {kind, name, reason, features, selfTest}}. */
    Json.Obj describe() {
        DeviceInfo info = device.info();
        Json.Arr features = new Json.Arr();
        info.features().forEach(feature -> features.add(Json.of(feature)));
        return new Json.Obj().put("kind", info.kind()).put("name", info.name()).put("reason", info.reason()).put("features", features)
            .put("selfTest", trial.report());
    }

    /** Brings the model to the device. A device that is lost meanwhile is replaced once. */
    Executable awaitPlace(Model loaded, EngineOptions options) {
        model = loaded;
        device = trial.awaitRight(device, model);
        limits = ModelLoader.limits(model, device, options);
        try {
            return awaitExecutable();
        } catch (CremaException failure) {
            if (failure.code() != ErrorCode.DEVICE_LOST) {
                throw failure;
            }
            return awaitSecond(failure);
        }
    }

    private Executable awaitSecond(CremaException first) {
        try {
            return awaitExecutable(first);
        } catch (CremaException failure) {
            throw failure.code() != ErrorCode.DEVICE_LOST ? failure : new CremaException(ErrorCode.DEVICE_LOST,
                "The device failed twice while the model was loaded. " + failure.getMessage(), failure.hint(), failure);
        }
    }

    @Override
    public Executable awaitExecutable(CremaException failure) {
        host.deviceFailed(Failures.json(failure));
        device.close();
        Device fresh = trial.awaitRight(ladder.awaitChoose(), model);
        if (closed) {
            fresh.close();
            throw new CremaException(ErrorCode.CLOSED, "The engine was closed.", "");
        }
        device = fresh;
        Executable executable = awaitExecutable();
        host.deviceReplaced(describe().toString());
        return executable;
    }

    @Override
    public Executable awaitCompile(Graph graph, Limits wanted) {
        return device.awaitCompile(graph, wanted, Progress.NONE);
    }

    private Executable awaitExecutable() {
        return ModelLoader.awaitExecutable(model, device, limits, progress, loading);
    }

    @Override
    public void close() {
        closed = true;
        device.close();
    }
}
