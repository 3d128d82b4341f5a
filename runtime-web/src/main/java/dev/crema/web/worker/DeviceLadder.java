package dev.crema.web.worker;

import dev.crema.CremaException;
import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.reference.ReferenceDevice;
import dev.crema.web.device.Tuning;
import dev.crema.web.device.WebGpuDevice;
import dev.crema.web.device.WebGpuOptions;

import java.util.List;

/** Chooses where a model runs in the browser, and says why: a real GPU, else WebAssembly; a GPU that software imitates only when asked. */
final class DeviceLadder {
    private static final String ASKED_FOR = "It was asked for.";

    private DeviceLadder() { }

    /**
     * {@code wanted} is {@code auto}, {@code webgpu} or {@code reference}; {@code tuning} may be null. DEVICE_UNAVAILABLE where WebGPU was asked
     * for and is not there.
     */
    static Device awaitChoose(String wanted, Tuning tuning) {
        return switch (wanted) {
            case "webgpu" -> WebGpuDevice.awaitOpen(WebGpuOptions.because(ASKED_FOR).tuning(tuning));
            case "reference" -> reference(ASKED_FOR);
            default -> awaitBest(tuning);
        };
    }

    private static Device awaitBest(Tuning tuning) {
        WebGpuDevice gpu;
        try {
            gpu = WebGpuDevice.awaitOpen(WebGpuOptions.because("This browser has WebGPU on a GPU, the fastest there is here.").tuning(tuning));
        } catch (CremaException unavailable) {
            return reference(unavailable.getMessage());
        }
        if (!gpu.isSoftware()) {
            return gpu;
        }
        String name = gpu.info().name();
        gpu.close();
        return reference("WebGPU is there, but only imitated on the processor (" + name + "), which is slower than WebAssembly.");
    }

    /** The device in place of a GPU that {@code failure} rules out; throws the failure where only WebGPU will do. */
    static Device instead(String wanted, CremaException failure) {
        if (wanted.equals("webgpu")) {
            throw failure;
        }
        return reference(failure.getMessage());
    }

    private static Device reference(String reason) {
        return new ReferenceDevice(new DeviceInfo("reference", "CPU", reason, List.of()));
    }
}
