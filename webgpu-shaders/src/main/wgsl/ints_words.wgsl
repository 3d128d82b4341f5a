//! What the integer forms of block formats have in common.
//! use   blocks

/// Four words from any byte on; shifted in two steps, because a shift by 32 would be none.
fn ints_words(at: u32) -> vec4<u32> {
  let word = at / 4u;
  let shift = at % 4u * 8u;
  let words = vec4<u32>(weight[word], weight[word + 1u], weight[word + 2u], weight[word + 3u]);
  return (words >> vec4<u32>(shift)) | ((vec4<u32>(words.yzw, weight[word + 4u]) << vec4<u32>(24u - shift)) << vec4<u32>(8u));
}

fn ints_four(first: u32) -> vec4<u32> {
  return vec4<u32>(weight[first], weight[first + 1u], weight[first + 2u], weight[first + 3u]);
}

/// Bytes below 128 less those of by, below 128 too, as signed bytes.
fn ints_minus(words: vec4<u32>, by: u32) -> vec4<u32> {
  return ((words | vec4<u32>(0x80808080u)) - vec4<u32>(by)) ^ vec4<u32>(0x80808080u);
}

/// Sixteen bits, each to the lowest bit of a byte.
fn ints_bits(bits: u32) -> vec4<u32> {
  return (((vec4<u32>(bits) >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u)) * vec4<u32>(0x00204081u)) & vec4<u32>(0x01010101u);
}
