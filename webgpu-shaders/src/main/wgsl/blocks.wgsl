//! The bytes of weights in block formats as they stand in the file; blocks need not begin with a word.
//! weight   u32 [words]

@group(0) @binding(3) var<storage, read> weight: array<u32>;

/// The four bytes from any byte on; shifted in two steps, because a shift by 32 would be none.
fn block_word(at: u32) -> u32 {
  let shift = at % 4u * 8u;
  return (weight[at / 4u] >> shift) | ((weight[at / 4u + 1u] << (24u - shift)) << 8u);
}

fn block_byte(at: u32) -> u32 {
  return (weight[at / 4u] >> (at % 4u * 8u)) & 255u;
}

/// The f16 at an even byte.
fn block_half(at: u32) -> f32 {
  let pair = unpack2x16float(weight[at / 4u]);
  return select(pair.x, pair.y, at % 4u != 0u);
}

/// Four unsigned bytes.
fn block_bytes(bits: u32) -> vec4<f32> {
  return vec4<f32>((vec4<u32>(bits) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u));
}
