//! Q4_1 weights as they stand in the file: blocks of five words, f16 scale and minimum, then four whose low nibbles are elements 0..15
//! and whose high nibbles are 16..31.
//! weight   q4_1 [rows, columns]
//! use      blocks

/// The low and the high halves of a word.
const WEIGHT_QUADS: u32 = 2u;

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let first = (row * (columns / 32u) + quad / 8u) * 5u;
  let scale = unpack2x16float(weight[first]);
  let bits = weight[first + 1u + quad % 4u] >> (quad % 8u / 4u * 4u);
  return scale.x * block_bytes(bits & 0x0f0f0f0fu) + vec4<f32>(scale.y);
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 4u * 8u + unit % 4u + i * 4u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, weight_quad(unit, 0u), columns), weight_4(row, weight_quad(unit, 1u), columns));
}
