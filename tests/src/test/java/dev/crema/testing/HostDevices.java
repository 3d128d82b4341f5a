package dev.crema.testing;

import dev.crema.device.Device;
import dev.crema.jvm.vector.VectorDevice;
import dev.crema.reference.ReferenceDevice;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The devices that run on this JVM, by name: every golden holds for all of them. */
public final class HostDevices {
    private HostDevices() { }

    public static Map<String, Supplier<Device>> all() {
        var devices = new LinkedHashMap<String, Supplier<Device>>();
        devices.put("reference", ReferenceDevice::new);
        devices.put("vector", () -> new VectorDevice(2, "test"));
        return devices;
    }
}
