package dev.crema.web.worker;

import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.reference.ReferenceDevice;

import java.util.List;

/** Chooses where a model runs in the browser, and says why. */
final class DeviceLadder {
    private DeviceLadder() { }

    /** {@code wanted} is {@code auto}, {@code webgpu} or {@code reference}. */
    static Device awaitChoose(String wanted) {
        return reference("It was asked for.");
    }

    private static Device reference(String reason) {
        return new ReferenceDevice(new DeviceInfo("reference", "CPU", reason, List.of()));
    }
}
