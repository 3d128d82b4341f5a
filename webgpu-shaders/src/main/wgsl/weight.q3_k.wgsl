//! Q3_K weights as they stand in the file: blocks of 256 elements in 110 bytes, 32 of high bits, 64 of bit pairs, 12 with 6-bit scales for
//! groups of 16, an f16 scale of all. A byte of pairs holds four elements 32 apart, a byte of high bits eight.
//! weight   q3_K [rows, columns]
//! use      blocks

/// What a word of pairs holds.
const WEIGHT_QUADS: u32 = 4u;

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let block = (row * (columns / 256u) + quad / 64u) * 110u;
  let at = quad % 8u * 4u;
  let pairs = block_word(block + 32u + quad % 64u / 32u * 32u + at) >> (quad % 32u / 8u * 2u);
  let highs = block_word(block + at) >> (quad % 64u / 8u);
  let quants = block_bytes((pairs & 0x03030303u) | ((highs & 0x01010101u) << 2u)) - vec4<f32>(4.0);
  let group = quad % 64u / 4u;
  let low = (block_byte(block + 96u + group % 8u) >> (group / 8u * 4u)) & 15u;
  let high = (block_byte(block + 104u + group % 4u) >> (group / 4u * 2u)) & 3u;
  return block_half(block + 108u) * (f32(low | (high << 4u)) - 32.0) * quants;
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 8u * 32u + unit % 8u + i * 8u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, weight_quad(unit, 0u), columns), weight_4(row, weight_quad(unit, 1u), columns),
    weight_4(row, weight_quad(unit, 2u), columns), weight_4(row, weight_quad(unit, 3u), columns));
}
