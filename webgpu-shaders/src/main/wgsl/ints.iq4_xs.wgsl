//! IQ4_XS as integers: the levels are, with a scale for each 32; see weight.iq4_xs.
//! weight   iq4_xs [rows, columns]
//! use      blocks ints_levels ints_words

const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = false;

const INTS_LEVELS = array<i32, 16>(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  let first = (row * (columns / 256u) + half / 16u) * 34u + 2u + half % 16u / 2u * 4u;
  return ints_levels(ints_four(first) >> vec4<u32>(half % 2u * 4u), INTS_LEVELS);
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  let first = (row * (columns / 256u) + half / 16u) * 34u;
  let group = half % 16u / 2u;
  let low = (weight[first + 1u] >> (4u * group)) & 15u;
  let high = (weight[first] >> (16u + 2u * group)) & 3u;
  return vec2<f32>(unpack2x16float(weight[first]).x * (f32(low | (high << 4u)) - 32.0), 0.0);
}
