//! Q5_1 as integers: nibbles with a fifth bit; see weight.q5_1.
//! weight   q5_1 [rows, columns]
//! use      blocks ints_words

const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = true;

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let first = (row * (columns / 32u) + half / 2u) * 6u;
  let nibbles = ints_four(first + 2u) >> vec4<u32>(half % 2u * 4u);
  return (nibbles & vec4<u32>(0x0f0f0f0fu)) | (ints_bits(weight[first + 1u] >> (half % 2u * 16u)) << vec4<u32>(4u));
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  return unpack2x16float(weight[(row * (columns / 32u) + half / 2u) * 6u]);
}
