import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;

/** Writes goldens/ggml/blocks.json: what the decoders of libggml-base make of random blocks of NVFP4, Q1_0 and Q2_0. Arguments: the library, its version. */
final class SmallBlocks {
    private static final int BLOCKS = 1024;

    private enum Format {
        NVFP4(64, 36), Q1_0(128, 18), Q2_0(64, 18);

        final int elements;
        final int bytes;

        Format(int elements, int bytes) {
            this.elements = elements;
            this.bytes = bytes;
        }
    }

    private SmallBlocks() { }

    /** Random bytes, the first 256 of one byte alone: every scale that there is, no numbers and infinities among them. The same in SmallBlocksTest. */
    private static byte[] blocks(Format format) {
        byte[] bytes = new byte[BLOCKS * format.bytes];
        new Random(format.bytes).nextBytes(bytes);
        for (int i = 0; i < 256; i++) {
            Arrays.fill(bytes, i * format.bytes, (i + 1) * format.bytes, (byte) i);
        }
        return bytes;
    }

    public static void main(String[] args) throws Throwable {
        var library = SymbolLookup.libraryLookup(Path.of(args[0]).toAbsolutePath(), Arena.global());
        System.out.println("{\n  \"made_by\": \"tests/goldens/make/SmallBlocks.java with the decoders of " + args[1] + "\",");
        for (Format format : Format.values()) {
            byte[] blocks = blocks(format);
            MemorySegment to = Arena.global().allocate(4L * BLOCKS * format.elements, 64);
            Linker.nativeLinker().downcallHandle(library.findOrThrow("dequantize_row_" + format.name().toLowerCase()),
                FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG))
                .invokeExact(Arena.global().allocateFrom(ValueLayout.JAVA_BYTE, blocks), to, (long) BLOCKS * format.elements);
            float[] values = to.toArray(ValueLayout.JAVA_FLOAT);
            System.out.print("  \"" + format + "\": [");
            for (int part = 0; part < 64; part++) {
                var bytes = ByteBuffer.allocate(values.length / 16).order(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; i < values.length / 64; i++) {
                    float value = values[part * (values.length / 64) + i];
                    bytes.putInt(Float.floatToIntBits(value)); // No numbers are all alike.
                }
                var crc = new CRC32();
                crc.update(bytes.array());
                System.out.print((part == 0 ? "" : part % 16 == 0 ? ",\n    " : ", ") + "\"" + String.format("%08x", crc.getValue()) + "\"");
            }
            System.out.println("]" + (format == Format.Q2_0 ? "" : ","));
        }
        System.out.println("}");
    }
}
