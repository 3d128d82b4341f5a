//! Q5_K weights as they stand in the file: as Q4_K, with eight words of fifth bits between scales and nibbles. Bit n of a fifth-bit
//! byte belongs to group n.
//! weight   q5_K [rows, columns]
//! use      blocks block_scales

/// Two words of nibbles and of fifth bits.
const WEIGHT_QUADS: u32 = 4u;

fn weight_quants(nibbles: u32, fifths: u32, group: u32) -> vec4<f32> {
  return block_bytes(((nibbles >> (group % 2u * 4u)) & 0x0f0f0f0fu) | (((fifths >> group) & 0x01010101u) << 4u));
}

fn weight_4(row: u32, quad: u32, columns: u32) -> vec4<f32> {
  let first = (row * (columns / 256u) + quad / 64u) * 44u;
  let group = quad % 64u / 8u;
  let scale = block_scales(first, group);
  let nibbles = weight[first + 12u + group / 2u * 8u + quad % 8u];
  return scale.x * weight_quants(nibbles, weight[first + 4u + quad % 8u], group) - vec4<f32>(scale.y);
}

fn weight_quad(unit: u32, i: u32) -> u32 {
  return unit / 4u * 16u + unit % 4u * 2u + i / 2u * 8u + i % 2u;
}

fn weight_unit(row: u32, unit: u32, columns: u32) -> array<vec4<f32>, WEIGHT_QUADS> {
  let first = (row * (columns / 256u) + unit / 16u) * 44u;
  let group = unit % 16u / 4u * 2u;
  let word = unit % 4u * 2u;
  let left = weight[first + 12u + group * 4u + word];
  let right = weight[first + 13u + group * 4u + word];
  let left_fifths = weight[first + 4u + word];
  let right_fifths = weight[first + 5u + word];
  let low = block_scales(first, group);
  let high = block_scales(first, group + 1u);
  return array<vec4<f32>, WEIGHT_QUADS>(
    low.x * weight_quants(left, left_fifths, group) - vec4<f32>(low.y),
    low.x * weight_quants(right, right_fifths, group) - vec4<f32>(low.y),
    high.x * weight_quants(left, left_fifths, group + 1u) - vec4<f32>(high.y),
    high.x * weight_quants(right, right_fifths, group + 1u) - vec4<f32>(high.y));
}
