//! KV cache in Q4_0: a unit of 16 bytes holds eight quads of channels, a block, which has a scale. Channels stand in order, eight to a word.

/// Quads of channels in a unit.
const KV_UNIT_QUADS: u32 = 8u;
/// Units of a block of 32 channels.
const KV_BLOCK_UNITS: u32 = 1u;
/// Whether a block has a scale.
const KV_SCALED: bool = true;

/// A block of 32 channels as it is kept.
struct KvBlock {
  units: array<vec4<u32>, KV_BLOCK_UNITS>,
  scale: f32,
}

fn kv_pack(block: array<vec4<f32>, 8>) -> KvBlock {
  // The first of the largest, with its sign, becomes -8.
  var largest = 0.0;
  for (var i = 0u; i < 32u; i++) {
    let value = block[i / 4u][i % 4u];
    largest = select(largest, value, abs(value) > abs(largest));
  }
  var packed: KvBlock;
  packed.scale = largest / -8.0;
  let inverse = select(0.0, 1.0 / packed.scale, packed.scale != 0.0);
  for (var i = 0u; i < 8u; i++) {
    let q = min(vec4<u32>(block[i] * inverse + 8.5), vec4<u32>(15u));
    let half_word = q.x | (q.y << 4u) | (q.z << 8u) | (q.w << 12u);
    packed.units[0][i / 2u] |= half_word << (i % 2u * 16u);
  }
  return packed;
}

/// Quad i of a unit.
fn kv_unpack(unit: vec4<u32>, i: u32, scale: f32) -> vec4<f32> {
  let half_word = unit[i / 2u] >> (i % 2u * 16u);
  return scale * (vec4<f32>((vec4<u32>(half_word) >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u)) - 8.0);
}
