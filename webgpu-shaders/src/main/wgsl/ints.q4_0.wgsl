//! Q4_0 as integers: nibbles minus 8, the low ones the first half of a block; see weight.q4_0.
//! weight   q4_0 [rows, columns]
//! use      blocks ints_words

const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = false;

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let nibbles = ints_words((row * (columns / 32u) + half / 2u) * 18u + 2u) >> vec4<u32>(half % 2u * 4u);
  return ints_minus(nibbles & vec4<u32>(0x0f0f0f0fu), 0x08080808u);
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  return vec2<f32>(block_half((row * (columns / 32u) + half / 2u) * 18u), 0.0);
}
