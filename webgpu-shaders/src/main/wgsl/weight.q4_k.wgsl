//! Q4_K weights as they stand in the file: blocks of 256 elements in 36 words, four of scales and 32 of nibbles. A run of eight words
//! holds two groups of 32: low nibbles, then high ones.
//! weight   q4_K [rows, columns]
//! use      blocks block_scales

/// Two words, so that neighbouring lanes read neighbouring words.
const WEIGHT_QUADS: u32 = 4u;

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let first = (row * (columns / 256u) + quad / 64u) * 36u;
  let group = quad % 64u / 8u;
  let scale = block_scales(first, group);
  let bits = weight[first + 4u + group / 2u * 8u + quad % 8u] >> (group % 2u * 4u);
  return scale.x * block_bytes(bits & 0x0f0f0f0fu) - vec4<f32>(scale.y);
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 4u * 16u + unit % 4u * 2u + i / 2u * 8u + i % 2u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  let first = (row * (columns / 256u) + unit / 16u) * 36u;
  let run = unit % 16u / 4u;
  let word = first + 4u + run * 8u + unit % 4u * 2u;
  let left = weight[word];
  let right = weight[word + 1u];
  let low = block_scales(first, 2u * run);
  let high = block_scales(first, 2u * run + 1u);
  return array<vec4<f32>, WEIGHT_QUADS>(
    low.x * block_bytes(left & 0x0f0f0f0fu) - vec4<f32>(low.y),
    low.x * block_bytes(right & 0x0f0f0f0fu) - vec4<f32>(low.y),
    high.x * block_bytes((left >> 4u) & 0x0f0f0f0fu) - vec4<f32>(high.y),
    high.x * block_bytes((right >> 4u) & 0x0f0f0f0fu) - vec4<f32>(high.y));
}
