package dev.crema.checkpoint;

/** The values of GGUF's metadata, by the type ids of gguf.h. */
final class GgufValues {
    static final int ARRAY = 9;

    private static final int U8 = 0;
    private static final int I8 = 1;
    private static final int U16 = 2;
    private static final int I16 = 3;
    private static final int U32 = 4;
    private static final int I32 = 5;
    private static final int F32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int U64 = 10;
    private static final int I64 = 11;
    private static final int F64 = 12;

    private GgufValues() { }

    /** A Long, Double, Boolean or String. An unsigned 64-bit number above 2^63 comes out negative. */
    static Object scalar(String file, String key, int type, PrefixReader in) {
        return switch (type) {
            case U8 -> (long) in.u8();
            case I8 -> (long) (byte) in.u8();
            case U16 -> (long) in.u16();
            case I16 -> (long) (short) in.u16();
            case U32 -> in.u32();
            case I32 -> (long) in.i32();
            case U64, I64 -> in.i64();
            case F32 -> (double) in.f32();
            case F64 -> in.f64();
            case BOOL -> in.u8() != 0;
            case STRING -> in.string();
            default -> throw unknownType(file, key, type);
        };
    }

    /**
     * Puts a byte[], int[], long[], float[], double[] or String[]. Each case puts its own: TeaVM 0.15 makes invalid Wasm of a variable that
     * holds arrays of several types.
     */
    static void putArray(String file, String key, PrefixReader in, Metadata metadata) {
        int type = in.i32();
        int bytesEach = switch (type) {
            case U8, I8, BOOL -> 1;
            case U16, I16 -> 2;
            case U32, I32, F32 -> 4;
            case U64, I64, F64, STRING -> 8;
            case ARRAY -> throw Damage.unsupported(file + ": key " + key + " is an array of arrays, which Crema does not read.", "");
            default -> throw unknownType(file, key, type);
        };
        long count = in.i64();
        if (count < 0 || count > in.remaining() / bytesEach) {
            throw Damage.invalid(file, "key " + key + " claims " + Damage.unsigned(count) + " values in the last " + in.remaining() + " bytes");
        }
        in.need(count * bytesEach);
        switch (type) {
            case U8, I8, BOOL -> metadata.put(key, bytes((int) count, in), type);
            case F32 -> metadata.put(key, floats((int) count, in), type);
            case F64 -> metadata.put(key, doubles((int) count, in), type);
            case U64, I64 -> metadata.put(key, longs((int) count, in), type);
            case STRING -> metadata.put(key, strings((int) count, in), type);
            default -> metadata.put(key, integers((int) count, type, in), type);
        }
    }

    private static byte[] bytes(int count, PrefixReader in) {
        var values = new byte[count];
        for (int i = 0; i < count; i++) {
            values[i] = (byte) in.u8();
        }
        return values;
    }

    private static int[] integers(int count, int type, PrefixReader in) {
        var values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = type == U16 ? in.u16() : type == I16 ? (short) in.u16() : in.i32();
        }
        return values;
    }

    private static long[] longs(int count, PrefixReader in) {
        var values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.i64();
        }
        return values;
    }

    private static float[] floats(int count, PrefixReader in) {
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.f32();
        }
        return values;
    }

    private static double[] doubles(int count, PrefixReader in) {
        var values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.f64();
        }
        return values;
    }

    private static String[] strings(int count, PrefixReader in) {
        var values = new String[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.string();
        }
        return values;
    }

    private static RuntimeException unknownType(String file, String key, int type) {
        return Damage.invalid(file, "key " + key + " has the unknown type " + (type & 0xffffffffL));
    }
}
