//! IQ4_NL as integers: the levels are; see weight.iq4_nl.
//! weight   iq4_nl [rows, columns]
//! use      blocks ints_words ints_levels

const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = false;

const INTS_LEVELS = array<i32, 16>(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  return ints_levels(ints_words((row * (columns / 32u) + half / 2u) * 18u + 2u) >> vec4<u32>(half % 2u * 4u), INTS_LEVELS);
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  return vec2<f32>(block_half((row * (columns / 32u) + half / 2u) * 18u), 0.0);
}
