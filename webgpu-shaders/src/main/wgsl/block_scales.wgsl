//! Scales and minimums of Q4_K and Q5_K: f16 d and dmin, then three words with six bits each for eight groups of 32.
//! use   blocks

/// Scale and minimum of a group, for the block that begins at word first. The first four groups have whole bytes of the first two words,
/// the others a nibble of the third and the upper bits of the first two.
fn block_scales(first: u32, group: u32) -> vec2<f32> {
  let shift = group % 4u * 8u;
  let low = vec2<u32>(weight[first + 1u] >> shift, weight[first + 2u] >> shift);
  let last = weight[first + 3u] >> shift;
  let high = vec2<u32>(last & 15u, (last >> 4u) & 15u) | ((low >> vec2<u32>(2u)) & vec2<u32>(48u));
  return unpack2x16float(weight[first]) * vec2<f32>(select(high, low & vec2<u32>(63u), group < 4u));
}
