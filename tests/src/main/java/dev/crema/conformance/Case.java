package dev.crema.conformance;

import dev.crema.device.Device;

/** One thing that devices must get right. */
public interface Case {
    /** A path: {@code kernels/rmsNorm/f32/rows3_c257}. */
    String name();

    /** Why this device cannot do it, or null; what is refused only when the graph is compiled is not known here. */
    String unsupported(Device device);

    /** Runs the case; throws {@link Mismatch}. Gives how close it was. */
    Difference awaitCheck(Device device);
}
