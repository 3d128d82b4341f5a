package dev.crema.build.lanes.read;

import dev.crema.build.lanes.ir.Type;
import java.lang.constant.ClassDesc;
import java.util.Set;

/** Which Java types a kernel may use, and what they are in Wasm. */
final class LaneTypes {
    static final String PACKAGE = "dev/crema/lanes/";
    private static final Set<String> VECTORS = Set.of("F32x4", "I32x4", "I16x8", "I8x16", "U8x16");

    private LaneTypes() {
    }

    /** @param internalName with slashes */
    static boolean isVector(String internalName) {
        return internalName.startsWith(PACKAGE) && VECTORS.contains(internalName.substring(PACKAGE.length()));
    }

    /** The Wasm type, or null where a kernel may not use it; {@code void} has none either. */
    static Type of(ClassDesc type) {
        String descriptor = type.descriptorString();
        return switch (descriptor) {
            case "Z", "B", "C", "S", "I" -> Type.I32;
            case "J" -> Type.I64;
            case "F" -> Type.F32;
            case "D" -> Type.F64;
            default -> descriptor.startsWith("L") && isVector(descriptor.substring(1, descriptor.length() - 1)) ? Type.V128 : null;
        };
    }
}
