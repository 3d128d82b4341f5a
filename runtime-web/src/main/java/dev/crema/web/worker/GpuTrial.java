package dev.crema.web.worker;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Device;
import dev.crema.engine.Model;
import dev.crema.graph.Weight;
import dev.crema.json.Json;
import dev.crema.tensor.DType;
import dev.crema.web.device.Notes;
import dev.crema.web.device.WebGpuDevice;
import dev.crema.web.selftest.SelfTest;
import dev.crema.web.selftest.SelfTestReport;
import dev.crema.web.storage.WebFiles;

import java.util.Set;
import java.util.TreeSet;

/** Has a GPU tested before a model comes to it, and falls back to WebAssembly where nothing on it is right. */
final class GpuTrial {
    private final Host host;
    private final DeviceLadder ladder;
    private final boolean tests;
    private final Notes notes;
    private final Clock clock;
    private final Progress progress;
    private SelfTestReport report;

    /**
     * @param ladder gives what takes the place of a GPU
     * @param tests  false where a GPU is to be trusted
     */
    GpuTrial(Host host, DeviceLadder ladder, boolean tests, Notes notes, Clock clock, Progress progress) {
        this.host = host;
        this.ladder = ladder;
        this.tests = tests;
        this.notes = notes;
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * The device on which {@code model} comes out right: {@code device} itself where it is no GPU, else that GPU without what computes wrong.
     * DEVICE_UNAVAILABLE where nothing is right and only WebGPU will do. {@code device} is closed where another is returned.
     */
    Device awaitRight(Device device, Model model) {
        if (!tests || !(device instanceof WebGpuDevice gpu)) {
            return device;
        }
        gpu.close();
        var test = new SelfTest(notes, new WebFiles(host.getSelfTestFiles()), clock, progress);
        try {
            WebGpuDevice right = test.awaitOpen(gpu.options(), formats(model));
            report = test.report();
            return right;
        } catch (CremaException failure) {
            if (failure.code() != ErrorCode.DEVICE_UNAVAILABLE) {
                throw failure;
            }
            return ladder.awaitInstead(failure);
        }
    }

    /** For {@code engine.info.device.selfTest}. */
    Json report() {
        return report == null ? Json.NULL : report.toJson();
    }

    /** Those of the model's matrices. */
    private static Set<DType> formats(Model model) {
        var formats = new TreeSet<DType>();
        for (Weight weight : model.weights().used().values()) {
            if (weight.shape().rank() > 1) {
                formats.add(weight.dtype());
            }
        }
        return formats;
    }
}
