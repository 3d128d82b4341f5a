//! KV cache in F32: a unit of 16 bytes is a quad of channels as it is.

/// Quads of channels in a unit.
const KV_UNIT_QUADS: u32 = 1u;
/// Units of a block of 32 channels.
const KV_BLOCK_UNITS: u32 = 8u;
/// Whether a block has a scale.
const KV_SCALED: bool = false;

/// A block of 32 channels as it is kept.
struct KvBlock {
  units: array<vec4<u32>, KV_BLOCK_UNITS>,
  scale: f32,
}

fn kv_pack(block: array<vec4<f32>, 8>) -> KvBlock {
  var packed: KvBlock;
  for (var i = 0u; i < 8u; i++) {
    packed.units[i] = bitcast<vec4<u32>>(block[i]);
  }
  return packed;
}

/// Quad i of a unit.
fn kv_unpack(unit: vec4<u32>, i: u32, scale: f32) -> vec4<f32> {
  return bitcast<vec4<f32>>(unit);
}
