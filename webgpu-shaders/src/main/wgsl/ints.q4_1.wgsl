//! Q4_1 as integers: nibbles, the low ones the first half of a block; see weight.q4_1.
//! weight   q4_1 [rows, columns]
//! use      blocks ints_words

const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = true;

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let first = (row * (columns / 32u) + half / 2u) * 5u + 1u;
  return (ints_four(first) >> vec4<u32>(half % 2u * 4u)) & vec4<u32>(0x0f0f0f0fu);
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  return unpack2x16float(weight[(row * (columns / 32u) + half / 2u) * 5u]);
}
