package dev.crema.build.lanes.ir;

/** The instructions of Wasm that are used: name, code, types of operands and result (i, l, f, d, v), bytes accessed. */
final class Instructions {
    /** From the core specification 3.0, binary format, and the threads proposal. */
    static final String SCALAR = """
        i32.load 28 i:i 4
        i64.load 29 i:l 8
        f32.load 2a i:f 4
        f64.load 2b i:d 8
        i32.load8_s 2c i:i 1
        i32.load8_u 2d i:i 1
        i32.load16_s 2e i:i 2
        i32.load16_u 2f i:i 2
        i32.store 36 ii: 4
        i64.store 37 il: 8
        f32.store 38 if: 4
        f64.store 39 id: 8
        i32.store8 3a ii: 1
        i32.store16 3b ii: 2
        i32.const 41 :i
        i64.const 42 :l
        f32.const 43 :f
        f64.const 44 :d
        i32.eqz 45 i:i
        i32.eq 46 ii:i
        i32.ne 47 ii:i
        i32.lt_s 48 ii:i
        i32.lt_u 49 ii:i
        i32.gt_s 4a ii:i
        i32.gt_u 4b ii:i
        i32.le_s 4c ii:i
        i32.le_u 4d ii:i
        i32.ge_s 4e ii:i
        i32.ge_u 4f ii:i
        i64.eqz 50 l:i
        i64.eq 51 ll:i
        i64.ne 52 ll:i
        i64.lt_s 53 ll:i
        i64.lt_u 54 ll:i
        i64.gt_s 55 ll:i
        i64.gt_u 56 ll:i
        i64.le_s 57 ll:i
        i64.le_u 58 ll:i
        i64.ge_s 59 ll:i
        i64.ge_u 5a ll:i
        f32.eq 5b ff:i
        f32.ne 5c ff:i
        f32.lt 5d ff:i
        f32.gt 5e ff:i
        f32.le 5f ff:i
        f32.ge 60 ff:i
        f64.eq 61 dd:i
        f64.ne 62 dd:i
        f64.lt 63 dd:i
        f64.gt 64 dd:i
        f64.le 65 dd:i
        f64.ge 66 dd:i
        i32.add 6a ii:i
        i32.sub 6b ii:i
        i32.mul 6c ii:i
        i32.div_s 6d ii:i
        i32.div_u 6e ii:i
        i32.rem_s 6f ii:i
        i32.rem_u 70 ii:i
        i32.and 71 ii:i
        i32.or 72 ii:i
        i32.xor 73 ii:i
        i32.shl 74 ii:i
        i32.shr_s 75 ii:i
        i32.shr_u 76 ii:i
        i32.rotl 77 ii:i
        i32.rotr 78 ii:i
        i64.add 7c ll:l
        i64.sub 7d ll:l
        i64.mul 7e ll:l
        i64.div_s 7f ll:l
        i64.div_u 80 ll:l
        i64.rem_s 81 ll:l
        i64.rem_u 82 ll:l
        i64.and 83 ll:l
        i64.or 84 ll:l
        i64.xor 85 ll:l
        i64.shl 86 ll:l
        i64.shr_s 87 ll:l
        i64.shr_u 88 ll:l
        i64.rotl 89 ll:l
        i64.rotr 8a ll:l
        f32.abs 8b f:f
        f32.neg 8c f:f
        f32.ceil 8d f:f
        f32.floor 8e f:f
        f32.trunc 8f f:f
        f32.nearest 90 f:f
        f32.sqrt 91 f:f
        f32.add 92 ff:f
        f32.sub 93 ff:f
        f32.mul 94 ff:f
        f32.div 95 ff:f
        f32.min 96 ff:f
        f32.max 97 ff:f
        f32.copysign 98 ff:f
        f64.abs 99 d:d
        f64.neg 9a d:d
        f64.ceil 9b d:d
        f64.floor 9c d:d
        f64.trunc 9d d:d
        f64.nearest 9e d:d
        f64.sqrt 9f d:d
        f64.add a0 dd:d
        f64.sub a1 dd:d
        f64.mul a2 dd:d
        f64.div a3 dd:d
        f64.min a4 dd:d
        f64.max a5 dd:d
        f64.copysign a6 dd:d
        i32.wrap_i64 a7 l:i
        i64.extend_i32_s ac i:l
        i64.extend_i32_u ad i:l
        f32.convert_i32_s b2 i:f
        f32.convert_i64_s b4 l:f
        f32.demote_f64 b6 d:f
        f64.convert_i32_s b7 i:d
        f64.convert_i64_s b9 l:d
        f64.promote_f32 bb f:d
        i32.reinterpret_f32 bc f:i
        i64.reinterpret_f64 bd d:l
        f32.reinterpret_i32 be i:f
        f64.reinterpret_i64 bf l:d
        i32.extend8_s c0 i:i
        i32.extend16_s c1 i:i
        i32.trunc_sat_f32_s fc.0 f:i
        i32.trunc_sat_f64_s fc.2 d:i
        i64.trunc_sat_f32_s fc.4 f:l
        i64.trunc_sat_f64_s fc.6 d:l
        memory.copy fc.a iii:
        memory.fill fc.b iii:
        memory.atomic.notify fe.0 ii:i 4
        memory.atomic.wait32 fe.1 iil:i 4
        i32.atomic.load fe.10 i:i 4
        i32.atomic.store fe.17 ii: 4
        i32.atomic.rmw.add fe.1e ii:i 4
        i32.atomic.rmw.cmpxchg fe.48 iii:i 4
        select_i32 1b iii:i
        select_i64 1b lli:l
        select_f32 1b ffi:f
        select_f64 1b ddi:d
        select_v128 1c vvi:v
        """;

    /** From the core specification 3.0, vector and relaxed vector instructions. */
    static final String VECTOR = """
        v128.load fd.0 i:v 16
        v128.load8x8_s fd.1 i:v 8
        v128.load8x8_u fd.2 i:v 8
        v128.load16x4_s fd.3 i:v 8
        v128.load16x4_u fd.4 i:v 8
        v128.load8_splat fd.7 i:v 1
        v128.load16_splat fd.8 i:v 2
        v128.load32_splat fd.9 i:v 4
        v128.load64_zero fd.5d i:v 8
        v128.store fd.b iv: 16
        v128.store64_lane fd.5b iv: 8
        v128.const fd.c :v
        i8x16.shuffle fd.d vv:v
        i8x16.swizzle fd.e vv:v
        i8x16.splat fd.f i:v
        i16x8.splat fd.10 i:v
        i32x4.splat fd.11 i:v
        f32x4.splat fd.13 f:v
        i8x16.extract_lane_s fd.15 v:i
        i8x16.extract_lane_u fd.16 v:i
        i8x16.replace_lane fd.17 vi:v
        i16x8.extract_lane_s fd.18 v:i
        i16x8.replace_lane fd.1a vi:v
        i32x4.extract_lane fd.1b v:i
        i32x4.replace_lane fd.1c vi:v
        f32x4.extract_lane fd.1f v:f
        f32x4.replace_lane fd.20 vf:v
        i8x16.eq fd.23 vv:v
        i8x16.ne fd.24 vv:v
        i8x16.lt_s fd.25 vv:v
        i8x16.lt_u fd.26 vv:v
        i8x16.gt_s fd.27 vv:v
        i8x16.gt_u fd.28 vv:v
        i8x16.le_s fd.29 vv:v
        i8x16.le_u fd.2a vv:v
        i8x16.ge_s fd.2b vv:v
        i8x16.ge_u fd.2c vv:v
        i16x8.eq fd.2d vv:v
        i16x8.ne fd.2e vv:v
        i16x8.lt_s fd.2f vv:v
        i16x8.gt_s fd.31 vv:v
        i16x8.le_s fd.33 vv:v
        i16x8.ge_s fd.35 vv:v
        i32x4.eq fd.37 vv:v
        i32x4.ne fd.38 vv:v
        i32x4.lt_s fd.39 vv:v
        i32x4.gt_s fd.3b vv:v
        i32x4.le_s fd.3d vv:v
        i32x4.ge_s fd.3f vv:v
        f32x4.eq fd.41 vv:v
        f32x4.ne fd.42 vv:v
        f32x4.lt fd.43 vv:v
        f32x4.gt fd.44 vv:v
        f32x4.le fd.45 vv:v
        f32x4.ge fd.46 vv:v
        v128.not fd.4d v:v
        v128.and fd.4e vv:v
        v128.andnot fd.4f vv:v
        v128.or fd.50 vv:v
        v128.xor fd.51 vv:v
        v128.bitselect fd.52 vvv:v
        v128.any_true fd.53 v:i
        i8x16.abs fd.60 v:v
        i8x16.neg fd.61 v:v
        i8x16.narrow_i16x8_s fd.65 vv:v
        i8x16.narrow_i16x8_u fd.66 vv:v
        f32x4.ceil fd.67 v:v
        f32x4.floor fd.68 v:v
        f32x4.trunc fd.69 v:v
        f32x4.nearest fd.6a v:v
        i8x16.shl fd.6b vi:v
        i8x16.shr_s fd.6c vi:v
        i8x16.shr_u fd.6d vi:v
        i8x16.add fd.6e vv:v
        i8x16.add_sat_s fd.6f vv:v
        i8x16.add_sat_u fd.70 vv:v
        i8x16.sub fd.71 vv:v
        i8x16.sub_sat_s fd.72 vv:v
        i8x16.sub_sat_u fd.73 vv:v
        i8x16.min_s fd.76 vv:v
        i8x16.min_u fd.77 vv:v
        i8x16.max_s fd.78 vv:v
        i8x16.max_u fd.79 vv:v
        i16x8.extadd_pairwise_i8x16_s fd.7c v:v
        i16x8.extadd_pairwise_i8x16_u fd.7d v:v
        i32x4.extadd_pairwise_i16x8_s fd.7e v:v
        i16x8.abs fd.80 v:v
        i16x8.neg fd.81 v:v
        i16x8.narrow_i32x4_s fd.85 vv:v
        i16x8.extend_low_i8x16_s fd.87 v:v
        i16x8.extend_high_i8x16_s fd.88 v:v
        i16x8.extend_low_i8x16_u fd.89 v:v
        i16x8.extend_high_i8x16_u fd.8a v:v
        i16x8.shl fd.8b vi:v
        i16x8.shr_s fd.8c vi:v
        i16x8.shr_u fd.8d vi:v
        i16x8.add fd.8e vv:v
        i16x8.add_sat_s fd.8f vv:v
        i16x8.sub fd.91 vv:v
        i16x8.sub_sat_s fd.92 vv:v
        i16x8.mul fd.95 vv:v
        i16x8.min_s fd.96 vv:v
        i16x8.max_s fd.98 vv:v
        i16x8.extmul_low_i8x16_s fd.9c vv:v
        i16x8.extmul_high_i8x16_s fd.9d vv:v
        i16x8.extmul_low_i8x16_u fd.9e vv:v
        i16x8.extmul_high_i8x16_u fd.9f vv:v
        i32x4.abs fd.a0 v:v
        i32x4.neg fd.a1 v:v
        i32x4.extend_low_i16x8_s fd.a7 v:v
        i32x4.extend_high_i16x8_s fd.a8 v:v
        i32x4.extend_low_i16x8_u fd.a9 v:v
        i32x4.extend_high_i16x8_u fd.aa v:v
        i32x4.shl fd.ab vi:v
        i32x4.shr_s fd.ac vi:v
        i32x4.shr_u fd.ad vi:v
        i32x4.add fd.ae vv:v
        i32x4.sub fd.b1 vv:v
        i32x4.mul fd.b5 vv:v
        i32x4.min_s fd.b6 vv:v
        i32x4.max_s fd.b8 vv:v
        i32x4.dot_i16x8_s fd.ba vv:v
        i32x4.extmul_low_i16x8_s fd.bc vv:v
        i32x4.extmul_high_i16x8_s fd.bd vv:v
        f32x4.abs fd.e0 v:v
        f32x4.neg fd.e1 v:v
        f32x4.sqrt fd.e3 v:v
        f32x4.add fd.e4 vv:v
        f32x4.sub fd.e5 vv:v
        f32x4.mul fd.e6 vv:v
        f32x4.div fd.e7 vv:v
        f32x4.min fd.e8 vv:v
        f32x4.max fd.e9 vv:v
        f32x4.pmin fd.ea vv:v
        f32x4.pmax fd.eb vv:v
        i32x4.trunc_sat_f32x4_s fd.f8 v:v
        f32x4.convert_i32x4_s fd.fa v:v
        i8x16.relaxed_swizzle fd.100 vv:v
        f32x4.relaxed_madd fd.105 vvv:v
        i16x8.relaxed_dot_i8x16_i7x16_s fd.112 vv:v
        i32x4.relaxed_dot_i8x16_i7x16_add_s fd.113 vvv:v
        """;

    /** Lowered to what a module's features have. */
    static final String OWN = """
        f32x4.fma own vvv:v
        i8x16.lookup own vv:v
        i16x8.dot7_pairs own vv:v
        i32x4.dot7 own vvv:v
        i32x4.dot7_any own vvv:v
        """;

    private Instructions() {
    }
}
