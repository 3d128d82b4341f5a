package dev.crema.testing;

import dev.crema.json.Json;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes safetensors files for tests. */
public final class SafeTensorsWriter {
    private final Json.Obj header = new Json.Obj().put("__metadata__", new Json.Obj().put("format", "pt"));
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    public SafeTensorsWriter tensor(String name, DType dtype, Shape shape, byte[] bytes) {
        var extents = new Json.Arr();
        for (int i = 0; i < shape.rank(); i++) {
            extents.add(Json.of((long) shape.extent(i)));
        }
        var offsets = new Json.Arr().add(Json.of((long) data.size())).add(Json.of((long) data.size() + bytes.length));
        header.put(name, new Json.Obj().put("dtype", dtype.name()).put("shape", extents).put("data_offsets", offsets));
        data.writeBytes(bytes);
        return this;
    }

    public byte[] toBytes() {
        return withHeader(header.toString(), data.toByteArray());
    }

    /** A file with any header, valid or not. */
    public static byte[] withHeader(String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        // The writers of Hugging Face pad the header to a multiple of eight with spaces.
        int padding = (8 - text.length % 8) % 8;
        return ByteBuffer.allocate(8 + text.length + padding + data.length).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length + padding).put(text)
            .put(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII)).put(data).array();
    }
}
