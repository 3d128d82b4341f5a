//! F16 weights in rows of a multiple of four; needs no shader-f16.
//! weight   f16 [rows, columns]

@group(0) @binding(3) var<storage, read> weight: array<vec2<u32>>;

const WEIGHT_QUADS: u32 = 1u;

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let bits = weight[row * (columns / 4u) + quad];
  return vec4<f32>(unpack2x16float(bits.x), unpack2x16float(bits.y));
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, unit, columns));
}
