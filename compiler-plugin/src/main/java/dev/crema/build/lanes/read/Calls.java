package dev.crema.build.lanes.read;

import java.util.HashMap;
import java.util.Map;

/**
 * Methods that are instructions: {@code class.method} (with its descriptor where that matters) and the instruction's name, after a word
 * where the operands are not the receiver and the arguments in their order. What isn't here is compiled from its body.
 */
final class Calls {
    /** How the operands come. */
    enum Form { PLAIN, SAME, ZERO, STORE, LANE, SHUFFLE, SELECT }

    record Call(Form form, String op) {
    }

    private static final String JAVA = """
        java/lang/Math.abs(F)F f32.abs
        java/lang/Math.abs(D)D f64.abs
        java/lang/Math.min(FF)F f32.min
        java/lang/Math.max(FF)F f32.max
        java/lang/Math.min(DD)D f64.min
        java/lang/Math.max(DD)D f64.max
        java/lang/Math.sqrt(D)D f64.sqrt
        java/lang/Math.floor(D)D f64.floor
        java/lang/Math.ceil(D)D f64.ceil
        java/lang/Math.rint(D)D f64.nearest
        java/lang/Float.floatToRawIntBits(F)I i32.reinterpret_f32
        java/lang/Float.intBitsToFloat(I)F f32.reinterpret_i32
        java/lang/Integer.toUnsignedLong(I)J i64.extend_i32_u
        java/lang/Integer.divideUnsigned(II)I i32.div_u
        java/lang/Integer.remainderUnsigned(II)I i32.rem_u
        java/lang/Integer.rotateLeft(II)I i32.rotl
        """;

    private static final String MEMORY = """
        Memory.loadI8 i32.load8_s
        Memory.loadU8 i32.load8_u
        Memory.loadI16 i32.load16_s
        Memory.loadU16 i32.load16_u
        Memory.loadI32 i32.load
        Memory.loadI64 i64.load
        Memory.loadF32 f32.load
        Memory.storeI8 i32.store8
        Memory.storeI16 i32.store16
        Memory.storeI32 i32.store
        Memory.storeI64 i64.store
        Memory.storeF32 f32.store
        Memory.copy memory.copy
        Memory.fill memory.fill
        Memory.atomicLoad i32.atomic.load
        Memory.atomicStore i32.atomic.store
        Memory.atomicAdd i32.atomic.rmw.add
        Memory.atomicCompareExchange i32.atomic.rmw.cmpxchg
        Memory.waitOn memory.atomic.wait32
        Memory.notifyWaiters memory.atomic.notify
        """;

    /** For each vector type T with the instructions' shape S: operations of all of them. */
    private static final String ALL_TYPES = """
        T.zero zero v128.const
        T.splat S.splat
        T.load v128.load
        T.store store v128.store
        T.extractLane lane S.extract_lane
        T.replaceLane lane S.replace_lane
        T.shuffle shuffle i8x16.shuffle
        T.select select v128.bitselect
        T.asF32x4 same -
        T.asI32x4 same -
        T.asI16x8 same -
        T.asI8x16 same -
        T.asU8x16 same -
        T.add S.add
        T.sub S.sub
        T.eq S.eq
        T.ne S.ne
        """;

    private static final String INTEGERS = """
        T.storeLow store v128.store64_lane
        T.and v128.and
        T.or v128.or
        T.xor v128.xor
        T.andNot v128.andnot
        T.not v128.not
        T.anyTrue v128.any_true
        T.neg S.neg
        T.abs S.abs
        T.shl S.shl
        T.shr S.shr_s
        T.shrU S.shr_u
        T.min S.min_s
        T.max S.max_s
        T.lt S.lt_s
        T.le S.le_s
        T.gt S.gt_s
        T.ge S.ge_s
        T.addSaturate S.add_sat_s
        T.subSaturate S.sub_sat_s
        """;

    private static final String SINGLE = """
        F32x4.loadSplat v128.load32_splat
        F32x4.mul f32x4.mul
        F32x4.div f32x4.div
        F32x4.fma f32x4.fma
        F32x4.min f32x4.min
        F32x4.max f32x4.max
        F32x4.pmin f32x4.pmin
        F32x4.pmax f32x4.pmax
        F32x4.neg f32x4.neg
        F32x4.abs f32x4.abs
        F32x4.sqrt f32x4.sqrt
        F32x4.floor f32x4.floor
        F32x4.ceil f32x4.ceil
        F32x4.nearest f32x4.nearest
        F32x4.lt f32x4.lt
        F32x4.le f32x4.le
        F32x4.gt f32x4.gt
        F32x4.ge f32x4.ge
        F32x4.truncateToI32 i32x4.trunc_sat_f32x4_s
        I32x4.loadSplat v128.load32_splat
        I32x4.loadI16x4 v128.load16x4_s
        I32x4.loadU16x4 v128.load16x4_u
        I32x4.mul i32x4.mul
        I32x4.toF32 f32x4.convert_i32x4_s
        I16x8.loadSplat v128.load16_splat
        I16x8.loadI8x8 v128.load8x8_s
        I16x8.loadU8x8 v128.load8x8_u
        I16x8.mul i16x8.mul
        I16x8.narrow i16x8.narrow_i32x4_s
        I16x8.toI32Low i32x4.extend_low_i16x8_s
        I16x8.toI32High i32x4.extend_high_i16x8_s
        I16x8.toI32LowU i32x4.extend_low_i16x8_u
        I16x8.toI32HighU i32x4.extend_high_i16x8_u
        I16x8.extmulLow i32x4.extmul_low_i16x8_s
        I16x8.extmulHigh i32x4.extmul_high_i16x8_s
        I16x8.extaddPairwise i32x4.extadd_pairwise_i16x8_s
        I16x8.dot i32x4.dot_i16x8_s
        I16x8.extractLane lane i16x8.extract_lane_s
        I8x16.loadSplat v128.load8_splat
        I8x16.loadLow v128.load64_zero
        I8x16.swizzle i8x16.swizzle
        I8x16.lookup i8x16.lookup
        I8x16.narrow i8x16.narrow_i16x8_s
        I8x16.toI16Low i16x8.extend_low_i8x16_s
        I8x16.toI16High i16x8.extend_high_i8x16_s
        I8x16.extmulLow i16x8.extmul_low_i8x16_s
        I8x16.extmulHigh i16x8.extmul_high_i8x16_s
        I8x16.extaddPairwise i16x8.extadd_pairwise_i8x16_s
        I8x16.dot7Pairs i16x8.dot7_pairs
        I8x16.dot7 i32x4.dot7
        I8x16.dot7Any i32x4.dot7_any
        I8x16.extractLane lane i8x16.extract_lane_s
        U8x16.loadSplat v128.load8_splat
        U8x16.loadLow v128.load64_zero
        U8x16.swizzle i8x16.swizzle
        U8x16.lookup i8x16.lookup
        U8x16.narrow i8x16.narrow_i16x8_u
        U8x16.toI16Low i16x8.extend_low_i8x16_u
        U8x16.toI16High i16x8.extend_high_i8x16_u
        U8x16.extmulLow i16x8.extmul_low_i8x16_u
        U8x16.extmulHigh i16x8.extmul_high_i8x16_u
        U8x16.extaddPairwise i16x8.extadd_pairwise_i8x16_u
        U8x16.extractLane lane i8x16.extract_lane_u
        U8x16.min i8x16.min_u
        U8x16.max i8x16.max_u
        U8x16.lt i8x16.lt_u
        U8x16.le i8x16.le_u
        U8x16.gt i8x16.gt_u
        U8x16.ge i8x16.ge_u
        U8x16.addSaturate i8x16.add_sat_u
        U8x16.subSaturate i8x16.sub_sat_u
        """;

    private static final Map<String, Call> BY_NAME = new HashMap<>();

    static {
        read(JAVA, "");
        read(MEMORY, LaneTypes.PACKAGE);
        for (String type : new String[] {"F32x4", "I32x4", "I16x8", "I8x16", "U8x16"}) {
            String shape = type.equals("U8x16") ? "i8x16" : type.toLowerCase(java.util.Locale.ROOT);
            read(of(ALL_TYPES, type, shape), LaneTypes.PACKAGE);
            if (!type.equals("F32x4")) {
                read(of(INTEGERS, type, shape), LaneTypes.PACKAGE);
            }
        }
        read(SINGLE, LaneTypes.PACKAGE);
    }

    private Calls() {
    }

    private static String of(String table, String type, String shape) {
        return table.replace("T.", type + ".").replace("S.", shape + ".");
    }

    private static void read(String table, String owner) {
        table.lines().forEach((String line) -> {
            String[] words = line.strip().split(" ");
            Form form = words.length == 2 ? Form.PLAIN : Form.valueOf(words[1].toUpperCase(java.util.Locale.ROOT));
            BY_NAME.put(owner + words[0], new Call(form, words[words.length - 1]));
        });
    }

    /** The instruction that a method is, or null. */
    static Call find(String owner, String method, String descriptor) {
        Call exact = BY_NAME.get(owner + "." + method + descriptor);
        return exact != null ? exact : BY_NAME.get(owner + "." + method);
    }
}
