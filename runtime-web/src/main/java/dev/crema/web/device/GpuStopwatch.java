package dev.crema.web.device;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUCommandEncoder;
import dev.crema.web.gpu.GPUComputePassEncoder;
import dev.crema.web.gpu.GPUDevice;
import dev.crema.web.gpu.GPUQuerySet;
import dev.crema.web.js.Promises;
import org.teavm.jso.JSBody;
import org.teavm.jso.typedarrays.ArrayBuffer;

import java.util.function.Consumer;

/** Times one compute pass: by the GPU's own clock where it has one to show, else from the submit to its end. */
final class GpuStopwatch {
    private final GPUDevice device;
    private final DeviceState state;
    private final Clock clock;
    private final GpuMemory memory;
    private final GPUQuerySet times;
    private final GPUBuffer resolved;
    private final GPUBuffer read;

    /** Buffers come from {@code memory}, which its owner frees. */
    GpuStopwatch(GPUDevice device, DeviceState state, boolean timestamps, Clock clock, GpuMemory memory) {
        this.device = device;
        this.state = state;
        this.clock = clock;
        this.memory = memory;
        times = timestamps ? device.createTimestamps(2) : null;
        resolved = timestamps ? memory.queries("times", 16) : null;
        read = timestamps ? memory.readback("times.read", 16) : null;
    }

    /** Milliseconds of a pass with what {@code encode} puts into it. */
    double awaitMillis(Consumer<GPUComputePassEncoder> encode) {
        GPUCommandEncoder encoder = device.createCommandEncoder();
        GPUComputePassEncoder pass = times == null ? encoder.beginComputePass() : times.beginPass(encoder);
        encode.accept(pass);
        pass.end();
        if (times != null) {
            times.resolve(encoder, resolved, 2);
            encoder.copyBufferToBuffer(resolved, 0, read, 0, 16);
        }
        long began = clock.nanos();
        device.getQueue().submit(encoder.finish());
        state.awaitDone();
        double wall = (clock.nanos() - began) * 1e-6;
        double measured = times == null ? 0 : awaitRead();
        // Browsers may round their clock to more than the pass took.
        return measured > 0 ? measured : wall;
    }

    private double awaitRead() {
        try {
            Promises.await(read.mapForReading(16));
        } catch (CremaException rejection) {
            throw state.failure(rejection);
        }
        double millis = nanos(read.mappedRange(16)) * 1e-6;
        read.unmap();
        return millis;
    }

    @JSBody(params = "range", script = "var times = new BigUint64Array(range); return Number(times[1] - times[0]);")
    private static native double nanos(ArrayBuffer range);

    void free() {
        if (times != null) {
            times.destroy();
        }
        memory.free();
    }
}
