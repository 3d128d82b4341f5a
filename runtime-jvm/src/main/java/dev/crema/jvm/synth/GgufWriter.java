package dev.crema.jvm.synth;

import dev.crema.checkpoint.Metadata;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes GGUF files: version 3, little-endian, alignment 32 (ggml, docs/gguf.md). Tensors may be made while they are written. */
public final class GgufWriter {
    /** Bytes that each tensor is filled up to a multiple of. */
    public static final int ALIGNMENT = 32;

    /** Writes the bytes of a tensor, as many as its format and shape say. */
    @FunctionalInterface
    public interface Source {
        void writeTo(OutputStream out) throws IOException;
    }

    private record Tensor(String name, DType dtype, Shape shape, Source data) {
        long bytes() {
            return dtype.bytes(shape.elements());
        }
    }

    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();

    /** An Integer is written as u32, Long u64, Float f32, and String, Boolean, String[], int[] (i32), float[] as what they are. */
    public GgufWriter put(String key, Object value) {
        metadata.put(key, value);
        return this;
    }

    /** A key as {@link Metadata} has it, written with the type that it was read with. */
    public GgufWriter put(String key, Metadata from) {
        metadata.put(key, new Typed(from.values().get(key), from.type(key)));
        return this;
    }

    private record Typed(Object value, int type) { }

    /** {@code shape} slowest dimension first, as everywhere in Crema. */
    public GgufWriter tensor(String name, DType dtype, Shape shape, byte[] data) {
        if (data.length != dtype.bytes(shape.elements())) {
            throw new IllegalArgumentException(name + " " + dtype + shape + " cannot have " + data.length + " bytes");
        }
        return tensor(name, dtype, shape, out -> out.write(data));
    }

    /** The same, with the bytes asked for when the file is written. */
    public GgufWriter tensor(String name, DType dtype, Shape shape, Source data) {
        tensors.add(new Tensor(name, dtype, shape, data));
        return this;
    }

    /** The whole file. */
    public byte[] toBytes() {
        var out = new ByteArrayOutputStream();
        try {
            writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Writes the file from its beginning; {@code out} stays open. */
    public void writeTo(OutputStream out) throws IOException {
        out.write(header());
        for (Tensor tensor : tensors) {
            tensor.data.writeTo(out);
            out.write(new byte[(int) (aligned(tensor.bytes()) - tensor.bytes())]);
        }
    }

    /** Everything before the first tensor's bytes. */
    public byte[] header() {
        var out = new LittleEndian();
        out.bytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        out.u32(3);
        out.u64(tensors.size());
        out.u64(metadata.size());
        metadata.forEach((key, value) -> {
            out.string(key);
            value(out, value);
        });
        long offset = 0;
        for (Tensor tensor : tensors) {
            out.string(tensor.name);
            out.u32(tensor.shape.rank());
            for (int i = tensor.shape.rank() - 1; i >= 0; i--) {
                out.u64(tensor.shape.extent(i));
            }
            out.u32(tensor.dtype.ggmlId());
            out.u64(offset);
            offset += aligned(tensor.bytes());
        }
        out.align(ALIGNMENT);
        return out.toByteArray();
    }

    /** {@code bytes} and the padding behind them. */
    public static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static void value(LittleEndian out, Object value) {
        switch (value) {
            case Typed typed -> typed(out, typed.value, typed.type);
            case Integer number -> out.u32(4).u32(number);
            case Float number -> out.u32(6).u32(Float.floatToRawIntBits(number));
            case Boolean bool -> out.u32(7).u8(bool ? 1 : 0);
            case String text -> out.u32(8).string(text);
            case Long number -> out.u32(10).u64(number);
            case int[] numbers -> {
                out.u32(9).u32(5).u64(numbers.length);
                for (int number : numbers) {
                    out.u32(number);
                }
            }
            case float[] numbers -> {
                out.u32(9).u32(6).u64(numbers.length);
                for (float number : numbers) {
                    out.u32(Float.floatToRawIntBits(number));
                }
            }
            case String[] texts -> {
                out.u32(9).u32(8).u64(texts.length);
                for (String text : texts) {
                    out.string(text);
                }
            }
            default -> throw new IllegalArgumentException("cannot write a " + value.getClass());
        }
    }

    /** The types are gguf.h's: 0-5 u8 i8 u16 i16 u32 i32, 6 f32, 7 bool, 8 string, 10-12 u64 i64 f64. */
    private static void typed(LittleEndian out, Object value, int type) {
        switch (value) {
            case Long number -> out.u32(type).whole(number, type);
            case Double number when type == 6 -> value(out, (float) (double) number);
            case Double number -> out.u32(type).u64(Double.doubleToRawLongBits(number));
            case byte[] numbers -> {
                out.u32(9).u32(type).u64(numbers.length).bytes(numbers);
            }
            case int[] numbers -> {
                out.u32(9).u32(type).u64(numbers.length);
                for (int number : numbers) {
                    out.whole(number, type);
                }
            }
            case long[] numbers -> {
                out.u32(9).u32(type).u64(numbers.length);
                for (long number : numbers) {
                    out.u64(number);
                }
            }
            case double[] numbers -> {
                out.u32(9).u32(type).u64(numbers.length);
                for (double number : numbers) {
                    out.u64(Double.doubleToRawLongBits(number));
                }
            }
            default -> value(out, value);
        }
    }

    /** Numbers to bytes. */
    private static final class LittleEndian extends ByteArrayOutputStream {
        LittleEndian u8(int value) {
            write(value);
            return this;
        }

        LittleEndian whole(long value, int type) {
            int bytes = type <= 1 ? 1 : type <= 3 ? 2 : type <= 5 ? 4 : 8;
            for (int i = 0; i < bytes; i++) {
                write((int) (value >> 8 * i));
            }
            return this;
        }

        LittleEndian u32(int value) {
            for (int shift = 0; shift < 32; shift += 8) {
                write(value >> shift);
            }
            return this;
        }

        LittleEndian u64(long value) {
            return u32((int) value).u32((int) (value >> 32));
        }

        LittleEndian bytes(byte[] bytes) {
            writeBytes(bytes);
            return this;
        }

        LittleEndian string(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            return u64(utf8.length).bytes(utf8);
        }

        void align(int alignment) {
            while (count % alignment != 0) {
                write(0);
            }
        }
    }
}
