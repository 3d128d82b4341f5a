//! Q5_0 weights as they stand in the file: blocks of 22 bytes, an f16 scale, 32 fifth bits, 16 bytes whose low nibbles are elements 0..15
//! and whose high nibbles are 16..31, each minus 16.
//! weight   q5_0 [rows, columns]
//! use      blocks

/// The low and the high halves of a word.
const WEIGHT_QUADS: u32 = 2u;

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let block = (row * (columns / 32u) + quad / 8u) * 22u;
  let bits = block_word(block + 6u + quad % 4u * 4u) >> (quad % 8u / 4u * 4u);
  let fifths = (vec4<u32>(block_word(block + 2u) >> (quad % 8u * 4u)) >> vec4<u32>(0u, 1u, 2u, 3u)) & vec4<u32>(1u);
  return block_half(block) * (block_bytes(bits & 0x0f0f0f0fu) + 16.0 * vec4<f32>(fifths) - vec4<f32>(16.0));
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 4u * 8u + unit % 4u + i * 4u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, weight_quad(unit, 0u), columns), weight_4(row, weight_quad(unit, 1u), columns));
}
