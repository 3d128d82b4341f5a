//! IQ4_XS weights as they stand in the file: blocks of 256 elements in 34 words: f16 scale and the upper bit pairs of eight scales,
//! their low nibbles, then eight groups of four words as in IQ4_NL.
//! weight   iq4_xs [rows, columns]
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
  let first = (row * (columns / 256u) + quad / 64u) * 34u;
  let group = quad % 64u / 8u;
  let low = (weight[first + 1u] >> (4u * group)) & 15u;
  let high = (weight[first] >> (16u + 2u * group)) & 3u;
  let scale = unpack2x16float(weight[first]).x * (f32(low | (high << 4u)) - 32.0);
  return scale * weight_levels(weight[first + 2u + group * 4u + quad % 4u] >> (quad % 8u / 4u * 4u));
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 4u * 8u + unit % 4u + i * 4u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  return array<vec4<f32>, WEIGHT_QUADS>(weight_4(row, weight_quad(unit, 0u), columns), weight_4(row, weight_quad(unit, 1u), columns));
}
