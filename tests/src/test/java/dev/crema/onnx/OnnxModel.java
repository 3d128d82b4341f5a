package dev.crema.onnx;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Nodes and initializers of an ONNX file (onnx.proto: ModelProto, GraphProto, NodeProto, TensorProto), read from a mapped file. */
final class OnnxModel implements AutoCloseable {
    /** An operator and the names of what it reads and writes. */
    record Node(String op, List<String> inputs, List<String> outputs) { }

    /** {@code type} is TensorProto.DataType (1 is float32); {@code bytes} are raw_data, little-endian. */
    record Tensor(String name, long type, List<Long> shape, MemorySegment bytes) { }

    final List<Node> nodes = new ArrayList<>();
    final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private final Arena arena = Arena.ofShared();

    OnnxModel(Path file) {
        try (var channel = FileChannel.open(file)) {
            each(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena), (field, number, bytes) -> {
                if (field == 7) {
                    each(bytes, this::graph);
                }
            });
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void graph(int field, long number, MemorySegment bytes) {
        if (field == 1) {
            var inputs = new ArrayList<String>();
            var outputs = new ArrayList<String>();
            var op = new String[1];
            each(bytes, (f, n, value) -> {
                switch (f) {
                    case 1 -> inputs.add(text(value));
                    case 2 -> outputs.add(text(value));
                    case 4 -> op[0] = text(value);
                    default -> { }
                }
            });
            nodes.add(new Node(op[0], inputs, outputs));
        } else if (field == 5) {
            Tensor tensor = tensor(bytes);
            initializers.put(tensor.name, tensor);
        }
    }

    private static Tensor tensor(MemorySegment bytes) {
        var shape = new ArrayList<Long>();
        var type = new long[1];
        var name = new String[1];
        var data = new MemorySegment[] {MemorySegment.NULL};
        each(bytes, (field, number, value) -> {
            switch (field) {
                case 1 -> dims(number, value, shape);
                case 2 -> type[0] = number;
                case 8 -> name[0] = text(value);
                case 9 -> data[0] = value;
                default -> { }
            }
        });
        return new Tensor(name[0], type[0], shape, data[0]);
    }

    /** Either one number or, packed, several. */
    private static void dims(long number, MemorySegment packed, List<Long> shape) {
        if (packed == null) {
            shape.add(number);
            return;
        }
        var at = new long[1];
        while (at[0] < packed.byteSize()) {
            shape.add(varint(packed, at));
        }
    }

    /** A field of a message: a number, or bytes with {@code bytes} not null. */
    private interface Field {
        void take(int field, long number, MemorySegment bytes);
    }

    private static void each(MemorySegment message, Field taker) {
        var at = new long[1];
        while (at[0] < message.byteSize()) {
            long key = varint(message, at);
            int field = (int) (key >>> 3);
            switch ((int) (key & 7)) {
                case 0 -> taker.take(field, varint(message, at), null);
                case 1 -> at[0] += 8;
                case 2 -> {
                    long length = varint(message, at);
                    taker.take(field, 0, message.asSlice(at[0], length));
                    at[0] += length;
                }
                case 5 -> at[0] += 4;
                default -> throw new IllegalStateException("wire type " + (key & 7) + " at byte " + at[0]);
            }
        }
    }

    private static long varint(MemorySegment bytes, long[] at) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = bytes.get(ValueLayout.JAVA_BYTE, at[0]++);
            value |= (long) (b & 127) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    private static String text(MemorySegment bytes) {
        return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        arena.close();
    }

    /** For a look at a file: its initializers, and the nodes that read them. */
    public static void main(String[] args) {
        try (var model = new OnnxModel(Path.of(args[0]))) {
            model.initializers.values().forEach(t -> System.out.println(t.name + " " + t.type + " " + t.shape + " " + t.bytes.byteSize()));
            model.nodes.forEach(System.out::println);
        }
    }
}
