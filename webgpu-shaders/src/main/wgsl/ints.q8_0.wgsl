//! Q8_0 as integers: blocks of 34 bytes, an f16 scale and 32 signed bytes.
//! weight   q8_0 [rows, columns]
//! use      blocks ints_words

/// Whether the two halves of 32 columns have scales of their own, and whether a format has minimums.
const INTS_BY_HALF: bool = false;
const INTS_MINIMUM: bool = false;

/// Sixteen columns of a row, from 16 * half on.
fn ints_16(row: u32, half: u32, columns: u32) -> vec4<u32> {
  return ints_words((row * (columns / 32u) + half / 2u) * 34u + 2u + half % 2u * 16u);
}

/// Their scale, and what is added to each after scaling.
fn ints_scale(row: u32, half: u32, columns: u32) -> vec2<f32> {
  return vec2<f32>(block_half((row * (columns / 32u) + half / 2u) * 34u), 0.0);
}
