package dev.crema.checkpoint;

import dev.crema.device.Bytes;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where a header says that a tensor lies: bytes {@code begin} to {@code end} of the data part. Both formats check their tensors here. */
record TensorPlace(String name, DType dtype, Shape shape, long begin, long end) {
    /** {@code elements} as far as 63 bits hold them, else -1. */
    static long elements(long[] extents) {
        long product = 1;
        for (long extent : extents) {
            if (extent < 0 || extent != 0 && product > Long.MAX_VALUE / extent) {
                return -1;
            }
            product *= extent;
        }
        return product;
    }

    /** The shape, or an error where an extent exceeds 31 bits or the element count 63. */
    static Shape shape(String file, String name, long[] extents) {
        long elements = elements(extents);
        var text = new StringBuilder();
        var shape = new int[extents.length];
        for (int i = 0; i < extents.length; i++) {
            text.append(i == 0 ? "" : ",").append(Damage.unsigned(extents[i]));
            elements = extents[i] > Integer.MAX_VALUE ? -1 : elements;
            shape[i] = (int) extents[i];
        }
        if (elements < 0) {
            throw Damage.invalid(file, "tensor " + name + " claims the shape [" + text + "]");
        }
        return Shape.of(shape);
    }

    /**
     * Adds the tensors to {@code into}, each with its slice of {@code file}; the data part is what follows {@code dataStart}. Ranges outside
     * the file or over each other are errors.
     */
    static void place(String fileName, Bytes file, long dataStart, List<TensorPlace> places, Map<String, TensorEntry> into) {
        long dataLength = Math.max(0, file.length() - dataStart);
        for (TensorPlace place : places) {
            if (place.begin < 0 || place.end < place.begin || place.end > dataLength) {
                throw Damage.invalid(fileName, "tensor " + place.name + " " + place.dtype + place.shape + " should lie at bytes "
                    + Damage.unsigned(place.begin) + " to " + Damage.unsigned(place.end) + " of " + dataLength + " bytes of data");
            }
        }
        checkOverlaps(fileName, places);
        for (TensorPlace place : places) {
            Bytes bytes = file.slice(dataStart + place.begin, place.end - place.begin);
            if (into.put(place.name, new TensorEntry(place.name, place.dtype, place.shape, bytes)) != null) {
                throw Damage.invalid(fileName, "tensor " + place.name + " is there twice");
            }
        }
    }

    private static void checkOverlaps(String fileName, List<TensorPlace> places) {
        var sorted = new ArrayList<>(places);
        sorted.sort((a, b) -> a.begin != b.begin ? Long.compare(a.begin, b.begin) : Long.compare(a.end, b.end));
        for (int i = 1; i < sorted.size(); i++) {
            TensorPlace before = sorted.get(i - 1);
            TensorPlace after = sorted.get(i);
            if (after.begin < before.end && after.end > after.begin) {
                throw Damage.invalid(fileName, "tensors " + before.name + " (bytes " + before.begin + " to " + before.end + ") and " + after.name
                    + " (bytes " + after.begin + " to " + after.end + ") overlap");
            }
        }
    }
}
