//! MXFP4 weights as they stand in the file: blocks of 17 bytes, an exponent and 16 bytes whose low nibbles are elements 0..15 and whose
//! high nibbles are 16..31, FP4 (E2M1) each.
//! weight   mxfp4 [rows, columns]
//! use      blocks

/// The low and the high halves of a word.
const WEIGHT_QUADS: u32 = 2u;

/// The numbers of E2M1, doubled.
const WEIGHT_LEVELS = array<f32, 16>(0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 0.0, -1.0, -2.0, -3.0, -4.0, -6.0, -8.0, -12.0);

fn weight_levels(nibbles: u32) -> vec4<f32> {
  return vec4<f32>(WEIGHT_LEVELS[nibbles & 15u], WEIGHT_LEVELS[(nibbles >> 8u) & 15u], WEIGHT_LEVELS[(nibbles >> 16u) & 15u],
    WEIGHT_LEVELS[(nibbles >> 24u) & 15u]);
}

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let block = (row * (columns / 32u) + quad / 8u) * 17u;
  let exponent = block_byte(block);
  // Half of 2^(exponent - 127), for the levels are doubled; below 2 it is subnormal.
  let scale = bitcast<f32>(select((max(exponent, 1u) - 1u) << 23u, 0x00200000u << min(exponent, 1u), exponent < 2u));
  return scale * weight_levels(block_word(block + 1u + quad % 4u * 4u) >> (quad % 8u / 4u * 4u));
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 4u * 8u + unit % 4u + i * 4u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, weight_quad(unit, 0u), columns), weight_4(row, weight_quad(unit, 1u), columns));
}
