//! Q2_K weights as they stand in the file: blocks of 256 elements in 21 words, four of scales and minimums (nibbles) for groups of 16, 16
//! of bit pairs, an f16 scale and minimum of all. A byte of pairs holds four elements 32 apart.
//! weight   q2_K [rows, columns]
//! use      blocks

/// What a word of pairs holds.
const WEIGHT_QUADS: u32 = 4u;

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let first = (row * (columns / 256u) + quad / 64u) * 21u;
  let pairs = weight[first + 4u + quad % 64u / 32u * 8u + quad % 8u] >> (quad % 32u / 8u * 2u);
  let group = block_byte(4u * first + quad % 64u / 4u);
  let scale = unpack2x16float(weight[first + 20u]) * vec2<f32>(f32(group & 15u), f32(group >> 4u));
  return scale.x * block_bytes(pairs & 0x03030303u) - vec4<f32>(scale.y);
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 8u * 32u + unit % 8u + i * 8u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, weight_quad(unit, 0u), columns), weight_4(row, weight_quad(unit, 1u), columns),
    weight_4(row, weight_quad(unit, 2u), columns), weight_4(row, weight_quad(unit, 3u), columns));
}
