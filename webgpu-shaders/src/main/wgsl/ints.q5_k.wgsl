//! Q5_K as integers: nibbles with a fifth bit, a scale and a minimum for each 32; see weight.q5_k.
//! weight   q5_K [rows, columns]
//! use      blocks block_scales ints_words

const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = true;

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let group = half % 16u / 2u;
  let fifths = (row * (columns / 256u) + half / 16u) * 44u + 4u + half % 2u * 4u;
  let first = fifths + 8u + group / 2u * 8u;
  let nibbles = ints_four(first) >> vec4<u32>(group % 2u * 4u);
  let bits = ints_four(fifths) >> vec4<u32>(group);
  return (nibbles & vec4<u32>(0x0f0f0f0fu)) | ((bits & vec4<u32>(0x01010101u)) << vec4<u32>(4u));
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  return vec2<f32>(1.0, -1.0) * block_scales((row * (columns / 256u) + half / 16u) * 44u, half % 16u / 2u);
}
