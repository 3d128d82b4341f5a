//! Q5_0 as integers: nibbles with a fifth bit, minus 16; see weight.q5_0.
//! weight   q5_0 [rows, columns]
//! use      blocks ints_words

const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = false;

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let block = (row * (columns / 32u) + half / 2u) * 22u;
  let nibbles = ints_words(block + 6u) >> vec4<u32>(half % 2u * 4u);
  let fifths = ints_bits(block_word(block + 2u) >> (half % 2u * 16u)) << vec4<u32>(4u);
  return ints_minus((nibbles & vec4<u32>(0x0f0f0f0fu)) | fifths, 0x10101010u);
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  return vec2<f32>(block_half((row * (columns / 32u) + half / 2u) * 22u), 0.0);
}
