package dev.crema.jvm;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Device;
import dev.crema.reference.ReferenceDevice;

import java.util.List;

/** The devices of the JVM, best first, and the choice between them. */
public final class Devices {
    private Devices() { }

    /** The words of {@code --device}, best first. */
    public static List<String> kinds() {
        return List.of("reference");
    }

    /** Opens the device of this kind, or the best one there is where {@code kind} is null; DEVICE_UNAVAILABLE says what there is. */
    public static Device open(String kind) {
        if (kind == null || kind.equals("reference")) {
            return new ReferenceDevice();
        }
        throw new CremaException(ErrorCode.DEVICE_UNAVAILABLE, "There is no device " + kind + ".", "Choose one of " + kinds() + ".");
    }
}
