//! F32 weights in rows of a multiple of four.
//! weight   f32 [rows, columns]

@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;

/// A unit is a few quads of a row that are best read at once; weight_quad says which they are.
const WEIGHT_QUADS: u32 = 1u;

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  return weight[row * (columns / 4u) + quad];
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, unit, columns));
}
