//! Q4_0 weights as they stand in the file: blocks of 18 bytes, an f16 scale and 16 bytes whose low halves are elements 0..15 and
//! whose high halves are 16..31, each minus 8. As with q8_0, every other block begins in the middle of a word.
//! weight   q4_0 [rows, columns]

@group(0) @binding(3) var<storage, read> weight: array<u32>;

/// Half a block, so that neighbouring lanes read neighbouring words.
const WEIGHT_QUADS: u32 = 4u;

fn weight_nibbles(bits: u32) -> vec4<f32> {
  return vec4<f32>((vec4<u32>(bits) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(15u)) - vec4<f32>(8.0);
}

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let block = row * (columns / 32u) + quad / 8u;
  let first = block * 9u / 2u;
  let word = first + quad % 4u;
  let odd = block % 2u == 1u;
  let scale = unpack2x16float(weight[first]);
  let next = weight[word + 1u];
  let bits = select((weight[word] >> 16u) | (next << 16u), next, odd);
  return select(scale.x, scale.y, odd) * weight_nibbles(bits >> (quad % 8u / 4u * 4u));
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 2u * 8u + unit % 2u * 2u + i / 2u * 4u + i % 2u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  let block = row * (columns / 32u) + unit / 2u;
  let first = block * 9u / 2u;
  let word = first + unit % 2u * 2u;
  let odd = block % 2u == 1u;
  let scales = unpack2x16float(weight[first]);
  let scale = select(scales.x, scales.y, odd);
  let middle = weight[word + 1u];
  let last = weight[word + 2u];
  let left = select((weight[word] >> 16u) | (middle << 16u), middle, odd);
  let right = select((middle >> 16u) | (last << 16u), last, odd);
  return array<vec4<f32>, WEIGHT_QUADS>(scale * weight_nibbles(left), scale * weight_nibbles(right),
    scale * weight_nibbles(left >> 4u), scale * weight_nibbles(right >> 4u));
}
