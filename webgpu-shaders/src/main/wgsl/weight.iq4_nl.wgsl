//! IQ4_NL weights as they stand in the file: blocks of 18 bytes, an f16 scale and 16 bytes whose low nibbles are elements 0..15 and whose
//! high nibbles are 16..31, each the place of a level.
//! weight   iq4_nl [rows, columns]
//! use      blocks

/// The low and the high halves of a word.
const WEIGHT_QUADS: u32 = 2u;

const WEIGHT_LEVELS = array<f32, 16>(-127.0, -104.0, -83.0, -65.0, -49.0, -35.0, -22.0, -10.0, 1.0, 13.0, 25.0,
  38.0, 53.0, 69.0, 89.0, 113.0);

fn weight_levels(nibbles: u32) -> vec4<f32> {
  return vec4<f32>(WEIGHT_LEVELS[nibbles & 15u], WEIGHT_LEVELS[(nibbles >> 8u) & 15u], WEIGHT_LEVELS[(nibbles >> 16u) & 15u],
    WEIGHT_LEVELS[(nibbles >> 24u) & 15u]);
}

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let block = (row * (columns / 32u) + quad / 8u) * 18u;
  return block_half(block) * weight_levels(block_word(block + 2u + quad % 4u * 4u) >> (quad % 8u / 4u * 4u));
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 4u * 8u + unit % 4u + i * 4u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, weight_quad(unit, 0u), columns), weight_4(row, weight_quad(unit, 1u), columns));
}
