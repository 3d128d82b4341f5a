package dev.crema.web.worker;

import dev.crema.CremaException;
import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.reference.ReferenceDevice;
import dev.crema.web.device.Tuning;
import dev.crema.web.device.WebGpuDevice;
import dev.crema.web.device.WebGpuOptions;
import dev.crema.web.js.Promises;
import dev.crema.web.wasm.JsKernelHost;
import dev.crema.web.wasm.WasmDevice;

import java.util.List;

/**
 * Chooses where a model runs in the browser, and says why: a real GPU, else WebAssembly on the processor; a GPU that software imitates and the
 * reference only when asked.
 */
final class DeviceLadder {
    private static final String ASKED_FOR = "It was asked for.";

    private final Host host;
    private final String wanted;
    private final int threads;
    private final Tuning tuning;

    /**
     * @param wanted  {@code auto}, {@code webgpu}, {@code wasm} or {@code reference}
     * @param threads of the CPU kernels, 0 for as many as suit the processor
     * @param tuning  may be null
     */
    DeviceLadder(Host host, String wanted, int threads, Tuning tuning) {
        this.host = host;
        this.wanted = wanted;
        this.threads = threads;
        this.tuning = tuning;
    }

    /** DEVICE_UNAVAILABLE where the device that was asked for is not there. */
    Device awaitChoose() {
        return switch (wanted) {
            case "webgpu" -> WebGpuDevice.awaitOpen(WebGpuOptions.because(ASKED_FOR).tuning(tuning));
            case "wasm" -> awaitWasm(ASKED_FOR);
            case "reference" -> new ReferenceDevice(new DeviceInfo("reference", "CPU", ASKED_FOR, List.of()));
            default -> awaitBest();
        };
    }

    private Device awaitBest() {
        WebGpuDevice gpu;
        try {
            gpu = WebGpuDevice.awaitOpen(WebGpuOptions.because("This browser has WebGPU on a GPU, the fastest there is here.").tuning(tuning));
        } catch (CremaException unavailable) {
            return awaitWasm(unavailable.getMessage());
        }
        if (!gpu.isSoftware()) {
            return gpu;
        }
        String name = gpu.info().name();
        gpu.close();
        return awaitWasm("WebGPU is there, but only imitated on the processor (" + name + "), which is slower than WebAssembly.");
    }

    /** The device in place of a GPU that {@code failure} rules out; throws the failure where only WebGPU will do. */
    Device awaitInstead(CremaException failure) {
        if (wanted.equals("webgpu")) {
            throw failure;
        }
        return awaitWasm(failure.getMessage());
    }

    private Device awaitWasm(String reason) {
        return new WasmDevice(new JsKernelHost(Promises.await(host.openKernels(threads))), reason);
    }
}
