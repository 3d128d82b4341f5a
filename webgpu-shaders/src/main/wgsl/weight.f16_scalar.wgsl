//! F16 weights in rows of any length; zero beyond the end of a row.
//! weight   f16 [rows, columns]

@group(0) @binding(3) var<storage, read> weight: array<u32>;

const WEIGHT_QUADS: u32 = 1u;

fn weight_at(row: u32, column: u32, columns: u32) -> f32 {
  let index = row * columns + min(column, columns - 1u);
  let pair = unpack2x16float(weight[index / 2u]);
  return select(0.0, select(pair.x, pair.y, index % 2u == 1u), column < columns);
}

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let k = 4u * quad;
  return vec4<f32>(weight_at(row, k, columns), weight_at(row, k + 1u, columns), weight_at(row, k + 2u, columns),
    weight_at(row, k + 3u, columns));
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, unit, columns));
}
