//! Q2_K as integers: bit pairs, a scale and a minimum for each 16; see weight.q2_k.
//! weight   q2_K [rows, columns]
//! use      blocks ints_words

const INTS_BY_HALF: bool = true;
const INTS_MINIMUM: bool = true;

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let first = (row * (columns / 256u) + half / 16u) * 21u + 4u + half % 16u / 8u * 8u + half % 2u * 4u;
  return (ints_four(first) >> vec4<u32>(half % 8u / 2u * 2u)) & vec4<u32>(0x03030303u);
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  let first = (row * (columns / 256u) + half / 16u) * 21u;
  let group = block_byte(4u * first + half % 16u);
  return unpack2x16float(weight[first + 20u]) * vec2<f32>(f32(group & 15u), -f32(group >> 4u));
}
