//! Q4_K as integers: nibbles, a scale and a minimum for each 32; see weight.q4_k.
//! weight   q4_K [rows, columns]
//! use      blocks block_scales ints_words

const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = true;

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let group = half % 16u / 2u;
  let first = (row * (columns / 256u) + half / 16u) * 36u + 4u + group / 2u * 8u + half % 2u * 4u;
  return (ints_four(first) >> vec4<u32>(group % 2u * 4u)) & vec4<u32>(0x0f0f0f0fu);
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  return vec2<f32>(1.0, -1.0) * block_scales((row * (columns / 256u) + half / 16u) * 36u, half % 16u / 2u);
}
