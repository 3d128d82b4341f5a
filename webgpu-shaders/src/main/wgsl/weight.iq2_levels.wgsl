//! IQ2 as devices get it: blocks of 256 elements in 27 words: an f16 scale, two words with a scale of four bits for each 16 elements, eight
//! words of signs, sixteen of 2-bit levels. A word of levels holds four elements of each of four 16, one of signs of each of eight.
//! weight   iq2_levels [rows, columns]
//! use      blocks

/// What a word of levels holds.
const WEIGHT_QUADS: u32 = 4u;

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let first = (row * (columns / 256u) + quad / 64u) * 27u;
  let group = quad % 64u / 4u;
  let places = (weight[first + 11u + group / 4u * 4u + quad % 4u] >> (group % 4u * 2u)) & 0x03030303u;
  let minuses = (weight[first + 3u + group / 8u * 4u + quad % 4u] >> (group % 8u)) & 0x01010101u;
  let scale = (weight[first + 1u + group / 8u] >> (group % 8u * 4u)) & 15u;
  let levels = block_bytes(places * 17u + ((places >> 1u) & 0x01010101u) + 0x08080808u);
  return unpack2x16float(weight[first]).x * 0.125 * f32(2u * scale + 1u) * levels * (vec4<f32>(1.0) - 2.0 * block_bytes(minuses));
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 4u * 16u + unit % 4u + i * 4u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, weight_quad(unit, 0u), columns), weight_4(row, weight_quad(unit, 1u), columns),
    weight_4(row, weight_quad(unit, 2u), columns), weight_4(row, weight_quad(unit, 3u), columns));
}
