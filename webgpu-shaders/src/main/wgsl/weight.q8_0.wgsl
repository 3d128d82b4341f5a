//! Q8_0 weights as they stand in the file: blocks of 34 bytes, an f16 scale and 32 signed bytes. Every other block begins in the
//! middle of a word: there the scale is the upper half of its first word and the bytes follow word by word; in the others the
//! bytes are shifted by half a word.
//! weight   q8_0 [rows, columns]

@group(0) @binding(3) var<storage, read> weight: array<u32>;

const WEIGHT_QUADS: u32 = 8u;

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

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  let block = row * (columns / 32u) + unit;
  let first = block * 17u / 2u;
  let odd = block % 2u == 1u;
  var previous = weight[first];
  let scales = unpack2x16float(previous);
  let scale = select(scales.x, scales.y, odd);
  var quads: array<vec4<f32>, WEIGHT_QUADS>;
  for (var i = 0u; i < WEIGHT_QUADS; i++) {
    let next = weight[first + 1u + i];
    quads[i] = scale * weight_bytes(select((previous >> 16u) | (next << 16u), next, odd));
    previous = next;
  }
  return quads;
}
