//! Q6_K weights as they stand in the file: blocks of 256 elements in 210 bytes, 128 of nibbles, 64 of bit pairs, 16 signed scales for
//! groups of 16, an f16 scale of all. Of a half block, the low nibbles are elements 0..63 and the high ones 64..127; a byte of pairs
//! serves four elements 32 apart.
//! weight   q6_K [rows, columns]
//! use      blocks

/// A word of pairs and two of nibbles, so that neighbouring lanes read neighbouring words.
const WEIGHT_QUADS: u32 = 4u;

fn weight_quants(nibbles: u32, pairs: u32) -> vec4<f32> {
  return block_bytes((nibbles & 0x0f0f0f0fu) | ((pairs & 0x03030303u) << 4u)) - vec4<f32>(32.0);
}

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let block = (row * (columns / 256u) + quad / 64u) * 210u;
  let half = quad % 64u / 32u;
  let quarter = quad % 32u / 8u;
  let at = quad % 8u * 4u;
  let nibbles = block_word(block + half * 64u + quarter % 2u * 32u + at) >> (quarter / 2u * 4u);
  let pairs = block_word(block + 128u + half * 32u + at) >> (2u * quarter);
  let scale = bitcast<i32>(block_byte(block + 192u + quad % 64u / 4u) << 24u) >> 24u;
  return block_half(block + 208u) * f32(scale) * weight_quants(nibbles, pairs);
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 8u * 32u + unit % 8u + i * 8u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  let block = (row * (columns / 256u) + unit / 16u) * 210u;
  let half = unit % 16u / 8u;
  let at = unit % 8u * 4u;
  let left = block_word(block + half * 64u + at);
  let right = block_word(block + half * 64u + 32u + at);
  let pairs = block_word(block + 128u + half * 32u + at);
  // Each second scale of eight: groups are half as long as what a run of pairs spans.
  let even = block_word(block + 192u + half * 8u) >> (at / 16u * 8u);
  let odd = block_word(block + 196u + half * 8u) >> (at / 16u * 8u);
  let scales = bitcast<vec4<i32>>(vec4<u32>(even << 24u, even << 8u, odd << 24u, odd << 8u)) >> vec4<u32>(24u);
  let scale = block_half(block + 208u) * vec4<f32>(scales);
  return array<vec4<f32>, WEIGHT_QUADS>(scale.x * weight_quants(left, pairs), scale.y * weight_quants(right, pairs >> 2u),
    scale.z * weight_quants(left >> 4u, pairs >> 4u), scale.w * weight_quants(right >> 4u, pairs >> 6u));
}
