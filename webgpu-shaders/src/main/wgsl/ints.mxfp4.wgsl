//! MXFP4 as integers: twice the numbers of E2M1 are; see weight.mxfp4.
//! weight   mxfp4 [rows, columns]
//! use      blocks ints_words ints_levels

const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = false;

const INTS_LEVELS = array<i32, 16>(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  return ints_levels(ints_words((row * (columns / 32u) + half / 2u) * 17u + 1u) >> vec4<u32>(half % 2u * 4u), INTS_LEVELS);
}

fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  let exponent = block_byte((row * (columns / 32u) + half / 2u) * 17u);
  // Half of 2^(exponent - 127), for the levels are doubled; below 2 it is subnormal.
  let scale = bitcast<f32>(select((max(exponent, 1u) - 1u) << 23u, 0x00200000u << min(exponent, 1u), exponent < 2u));
  return vec2<f32>(scale, 0.0);
}
