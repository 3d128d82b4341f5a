//! IQ2 as integers: the levels with their signs are, with a scale for each 16; see weight.iq2_levels.
//! weight   iq2_levels [rows, columns]
//! use      blocks ints_words

const INTS_BY_HALF: bool = true;
const INTS_MINIMUM: bool = false;

/// A byte is negated by its complement and one.
fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let first = (row * (columns / 256u) + half / 16u) * 27u;
  let group = half % 16u;
  let places = (ints_four(first + 11u + group / 4u * 4u) >> vec4<u32>(group % 4u * 2u)) & vec4<u32>(0x03030303u);
  let minuses = (ints_four(first + 3u + group / 8u * 4u) >> vec4<u32>(group % 8u)) & vec4<u32>(0x01010101u);
  let levels = places * vec4<u32>(17u) + ((places >> vec4<u32>(1u)) & vec4<u32>(0x01010101u)) + vec4<u32>(0x08080808u);
  return (levels ^ (minuses * vec4<u32>(255u))) + minuses;
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  let first = (row * (columns / 256u) + half / 16u) * 27u;
  let group = half % 16u;
  let scale = (weight[first + 1u + group / 8u] >> (group % 8u * 4u)) & 15u;
  return vec2<f32>(unpack2x16float(weight[first]).x * 0.125 * f32(2u * scale + 1u), 0.0);
}
