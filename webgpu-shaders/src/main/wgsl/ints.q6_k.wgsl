//! Q6_K as integers: nibbles with two more bits, minus 32, a scale for each 16; see weight.q6_k.
//! weight   q6_K [rows, columns]
//! use      blocks ints_words

const INTS_BY_HALF: bool = true;
const INTS_MINIMUM: bool = false;

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let block = (row * (columns / 256u) + half / 16u) * 210u;
  let part = half % 16u / 8u;
  let quarter = half % 8u / 2u;
  let nibbles = ints_words(block + part * 64u + quarter % 2u * 32u + half % 2u * 16u) >> vec4<u32>(quarter / 2u * 4u);
  let pairs = ints_words(block + 128u + part * 32u + half % 2u * 16u) >> vec4<u32>(2u * quarter);
  return ints_minus((nibbles & vec4<u32>(0x0f0f0f0fu)) | ((pairs & vec4<u32>(0x03030303u)) << vec4<u32>(4u)), 0x20202020u);
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  let block = (row * (columns / 256u) + half / 16u) * 210u;
  let scale = bitcast<i32>(block_byte(block + 192u + half % 16u) << 24u) >> 24u;
  return vec2<f32>(block_half(block + 208u) * f32(scale), 0.0);
}
