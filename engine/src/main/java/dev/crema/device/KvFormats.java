package dev.crema.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.KvLayout;
import dev.crema.tensor.DType;

import java.util.ArrayList;
import java.util.List;

/** The number formats that a KV cache may have. Blocks are along the channels of one head, as {@code dev.crema.quant.Quant} defines them. */
public final class KvFormats {
    /** All that any device knows. */
    public static final List<DType> ALL = List.of(DType.F32, DType.F16, DType.Q8_0, DType.Q4_0);

    private KvFormats() { }

    /** Throws INVALID_REQUEST where {@code device} keeps no cache in this format, or its blocks do not fit the heads; null layouts fit all. */
    public static void check(Device device, KvLayout layout, DType format) {
        if (!device.supportsKv(format)) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "The " + device.info().kind() + " device can't keep a KV cache in " + format + ".",
                "Choose one of these formats: " + namesOf(device) + ".");
        }
        if (layout != null && layout.headDim() % format.blockSize() != 0) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "The model's heads have " + layout.headDim() + " channels, no whole number of "
                + format + " blocks of " + format.blockSize() + ", so its KV cache can't be " + format + ".", "Choose F16 or F32 for the KV cache.");
        }
    }

    private static String namesOf(Device device) {
        var names = new ArrayList<String>();
        for (DType format : ALL) {
            if (device.supportsKv(format)) {
                names.add(format.name());
            }
        }
        return String.join(", ", names);
    }

    /** The format that people call {@code name} ({@code f16}, {@code q8_0}), in any case, or null. */
    public static DType named(String name) {
        for (DType format : ALL) {
            if (format.name().equalsIgnoreCase(name)) {
                return format;
            }
        }
        return null;
    }
}
