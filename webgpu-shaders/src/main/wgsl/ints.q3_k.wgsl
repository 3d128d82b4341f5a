//! Q3_K as integers: bit pairs with a high bit, minus 4, a scale for each 16; see weight.q3_k.
//! weight   q3_K [rows, columns]
//! use      blocks ints_words

const INTS_BY_HALF: bool = true;
const INTS_MINIMUM: bool = false;

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let block = (row * (columns / 256u) + half / 16u) * 110u;
  let pairs = ints_words(block + 32u + half % 16u / 8u * 32u + half % 2u * 16u) >> vec4<u32>(half % 8u / 2u * 2u);
  let highs = ints_words(block + half % 2u * 16u) >> vec4<u32>(half % 16u / 2u);
  return ints_minus((pairs & vec4<u32>(0x03030303u)) | ((highs & vec4<u32>(0x01010101u)) << vec4<u32>(2u)), 0x04040404u);
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  let block = (row * (columns / 256u) + half / 16u) * 110u;
  let group = half % 16u;
  let low = (block_byte(block + 96u + group % 8u) >> (group / 8u * 4u)) & 15u;
  let high = (block_byte(block + 104u + group % 4u) >> (group / 4u * 2u)) & 3u;
  return vec2<f32>(block_half(block + 108u) * (f32(low | (high << 4u)) - 32.0), 0.0);
}
