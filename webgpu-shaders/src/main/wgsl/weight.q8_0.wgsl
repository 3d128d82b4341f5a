//! Q8_0 weights as they stand in the file: blocks of 34 bytes, an f16 scale and 32 signed bytes. Every other block begins in the
//! middle of a word: there the scale is the upper half of its first word and the bytes follow word by word; in the others the
//! bytes are shifted by half a word.
//! weight   q8_0 [rows, columns]

@group(0) @binding(3) var<storage, read> weight: array<u32>;

/// A quarter of a block, so that neighbouring lanes read neighbouring words.
const WEIGHT_QUADS: u32 = 2u;

fn weight_bytes(bits: u32) -> vec4<f32> {
  return vec4<f32>((bitcast<vec4<i32>>(vec4<u32>(bits) << vec4<u32>(24u, 16u, 8u, 0u))) >> vec4<u32>(24u));
}

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let block = row * (columns / 32u) + quad / 8u;
  let first = block * 17u / 2u;
  let word = first + quad % 8u;
  let odd = block % 2u == 1u;
  let scale = unpack2x16float(weight[first]);
  let next = weight[word + 1u];
  let bits = select((weight[word] >> 16u) | (next << 16u), next, odd);
  return select(scale.x, scale.y, odd) * weight_bytes(bits);
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return 2u * unit + i;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  let block = row * (columns / 32u) + unit / 4u;
  let first = block * 17u / 2u;
  let word = first + unit % 4u * 2u;
  let odd = block % 2u == 1u;
  let scales = unpack2x16float(weight[first]);
  let scale = select(scales.x, scales.y, odd);
  let middle = weight[word + 1u];
  let last = weight[word + 2u];
  return array<vec4<f32>, WEIGHT_QUADS>(
    scale * weight_bytes(select((weight[word] >> 16u) | (middle << 16u), middle, odd)),
    scale * weight_bytes(select((middle >> 16u) | (last << 16u), last, odd)));
}
