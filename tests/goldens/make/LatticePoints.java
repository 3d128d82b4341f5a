import java.io.PrintStream;
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
import java.util.TreeSet;
import java.util.zip.CRC32;

/**
 * What the codes of ggml's lattice formats stand for, measured with its decoders: blocks that hold each code once are decoded and the
 * levels of the elements read back. {@code tables} prints the constants of dev.crema.quant.LatticePoints, {@code goldens} the checksums of
 * decoded blocks that LatticeTest compares with. See README.md.
 */
final class LatticePoints {
    /** The element's code in a block of zeros: where the n-th code of a block lies. */
    private interface Place {
        void put(ByteBuffer block, int n, int code);
    }

    private enum Format {
        IQ2_XXS(66, 256, 8, 8, 0, (b, n, code) -> b.put(2 + n / 4 * 8 + n % 4, (byte) code)),
        IQ2_XS(74, 512, 8, 8, 0, (b, n, code) -> b.putShort(2 + 2 * n, (short) code)),
        IQ2_S(82, 1024, 8, 8, 0, (b, n, code) -> low(b, 2, 66, n, code, n / 4, n % 4 * 2)),
        IQ3_XXS(98, 256, 4, 4, 0, (b, n, code) -> b.put(2 + n, (byte) code)),
        IQ3_S(110, 512, 4, 1, 0, (b, n, code) -> low(b, 2, 66, n, code, n / 8, n % 8)),
        IQ1_S(50, 2048, 8, 1, 0, (b, n, code) -> {
            b.put(2 + n, (byte) code);
            b.putShort(34 + n / 4 * 2, (short) (b.getShort(34 + n / 4 * 2) | code >> 8 << n % 4 * 3));
        }),
        IQ1_M(56, 2048, 8, 1, -1, (b, n, code) -> low(b, 0, 32, n, code, n / 2, n % 2 * 4));

        final int bytes;
        final int codes;
        final int elements;
        /** The scale that makes the least level of a block of zeros what the format's integers are. */
        final float scale;
        /** Of the f16 scale; -1 where it lies in the upper four bits of the last four 16-bit words. */
        final int scaleAt;
        final Place place;

        Format(int bytes, int codes, int elements, float scale, int scaleAt, Place place) {
            this.bytes = bytes;
            this.codes = codes;
            this.elements = elements;
            this.scale = scale;
            this.scaleAt = scaleAt;
            this.place = place;
        }

        void putScale(ByteBuffer block, float value) {
            short half = Float.floatToFloat16(value);
            if (scaleAt >= 0) {
                block.putShort(scaleAt, half);
                return;
            }
            for (int i = 0; i < 4; i++) {
                int at = 48 + 2 * i;
                block.putShort(at, (short) (block.getShort(at) & 0x0fff | (half >> 4 * i & 15) << 12));
            }
        }
    }

    private static void low(ByteBuffer block, int lows, int highs, int n, int code, int highByte, int shift) {
        block.put(lows + n, (byte) code);
        block.put(highs + highByte, (byte) (block.get(highs + highByte) | code >> 8 << shift));
    }

    private final SymbolLookup library;

    private LatticePoints(Path library) {
        this.library = SymbolLookup.libraryLookup(library, Arena.global());
    }

    private float[] decode(Format format, byte[] blocks) throws Throwable {
        int elements = blocks.length / format.bytes * 256;
        var method = Linker.nativeLinker().downcallHandle(library.findOrThrow("dequantize_row_" + format.name().toLowerCase()),
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(4L * elements, 64);
            method.invokeExact(arena.allocateFrom(ValueLayout.JAVA_BYTE, blocks), to, (long) elements);
            return to.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private void table(Format format, PrintStream out) throws Throwable {
        int inBlock = 256 / format.elements;
        var values = new float[format.codes * format.elements];
        for (int first = 0; first < format.codes; first += inBlock) {
            var block = ByteBuffer.allocate(format.bytes).order(ByteOrder.LITTLE_ENDIAN);
            for (int n = 0; n < inBlock; n++) {
                format.place.put(block, n, first + n);
            }
            format.putScale(block, format.scale);
            System.arraycopy(decode(format, block.array()), 0, values, first * format.elements, 256);
        }
        var levels = new TreeSet<Float>();
        for (float value : values) {
            levels.add(value);
        }
        var sorted = levels.stream().toList();
        int[] points = new int[format.codes];
        boolean ascending = true;
        int all = 1;
        for (int i = 0; i < format.elements; i++) {
            all *= sorted.size();
        }
        byte[] bits = new byte[(all + 5) / 6];
        for (int code = 0; code < format.codes; code++) {
            for (int i = format.elements - 1; i >= 0; i--) {
                points[code] = points[code] * sorted.size() + sorted.indexOf(values[code * format.elements + i]);
            }
            ascending &= code == 0 || points[code] > points[code - 1];
            bits[points[code] / 6] |= (byte) (1 << points[code] % 6);
        }
        out.println(format + " levels " + sorted + " ascending " + ascending + " first " + Arrays.toString(Arrays.copyOf(points, 8)));
        var text = new StringBuilder();
        for (byte six : bits) {
            text.append((char) ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".charAt(six)));
        }
        for (int from = 0; from < text.length(); from += 124) {
            out.println("        " + (from == 0 ? "\"" : "+ \"") + text.substring(from, Math.min(text.length(), from + 124)) + "\"");
        }
    }

    /** Blocks of random bytes, some of one byte alone, with scales of any size; the same for LatticeTest. */
    private static byte[] blocks(Format format) {
        var random = new Random(format.codes);
        byte[] bytes = new byte[1024 * format.bytes];
        random.nextBytes(bytes);
        for (int i = 0; i < 1024; i++) {
            if (i < 256) {
                Arrays.fill(bytes, i * format.bytes, (i + 1) * format.bytes, (byte) i);
            }
            format.putScale(ByteBuffer.wrap(bytes, i * format.bytes, format.bytes).slice().order(ByteOrder.LITTLE_ENDIAN), scale(random, i));
        }
        return bytes;
    }

    private static float scale(Random random, int block) {
        return switch (block % 8) {
            case 0 -> block % 16 == 0 ? 65504 : -0x1p-24f;
            case 1 -> block % 16 == 1 ? 0 : Float.POSITIVE_INFINITY;
            default -> (float) random.nextGaussian() * (block % 8 == 2 ? 0x1p-13f : 1);
        };
    }

    private void golden(Format format, PrintStream out, String version) throws Throwable {
        float[] values = decode(format, blocks(format));
        out.println("  \"" + format + "\": {\"last\": " + Arrays.toString(Arrays.copyOfRange(values, values.length - 16, values.length)) + ",");
        for (int part = 0; part < 64; part++) {
            var bytes = ByteBuffer.allocate(16 * 256 * 4).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values, part * 16 * 256, 16 * 256);
            var crc = new CRC32();
            crc.update(bytes.array());
            out.print((part == 0 ? "    \"crc32\": [" : part % 16 == 0 ? ",\n      " : ", ") + "\"" + String.format("%08x", crc.getValue()) + "\"");
        }
        out.println("]}" + (format == Format.IQ1_M ? "" : ","));
    }

    /** Arguments: tables or goldens, libggml-base.so, and for goldens the library's version. */
    public static void main(String[] args) throws Throwable {
        var measured = new LatticePoints(Path.of(args[1]).toAbsolutePath());
        if (args[0].equals("goldens")) {
            System.out.println("{\n  \"made_by\": \"tests/goldens/make/LatticePoints.java with the decoders of " + args[2] + "\",");
        }
        for (Format format : Format.values()) {
            if (args[0].equals("tables")) {
                measured.table(format, System.out);
            } else {
                measured.golden(format, System.out, args[2]);
            }
        }
        if (args[0].equals("goldens")) {
            System.out.println("}");
        }
    }
}
