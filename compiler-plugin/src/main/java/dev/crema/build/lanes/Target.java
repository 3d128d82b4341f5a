package dev.crema.build.lanes;

import dev.crema.build.lanes.write.MemoryKind;
import java.util.ArrayList;
import java.util.List;

/**
 * What a module may use.
 *
 * @param relaxed relaxed SIMD: fused multiply-add, integer dot products, faster table look-ups
 */
public record Target(boolean relaxed, MemoryKind memory) {
    /** All that are built: plain and relaxed, unshared and shared, with 32-bit and 64-bit memory. */
    public static List<Target> all() {
        List<Target> all = new ArrayList<>();
        for (int bits = 0; bits < 8; bits++) {
            all.add(new Target((bits & 1) != 0, new MemoryKind((bits & 2) != 0, (bits & 4) != 0)));
        }
        return all;
    }

    /** {@code kernels}, with {@code -relaxed}, {@code -shared} and {@code -64} in this order. */
    public String fileName() {
        return "kernels" + (relaxed ? "-relaxed" : "") + (memory.shared() ? "-shared" : "") + (memory.wide() ? "-64" : "") + ".wasm";
    }
}
