//! KV cache in F16: a unit of 16 bytes holds two quads of channels.

/// Quads of channels in a unit.
const KV_UNIT_QUADS: u32 = 2u;
/// Units of a block of 32 channels.
const KV_BLOCK_UNITS: u32 = 4u;
/// Whether a block has a scale.
const KV_SCALED: bool = false;
/// The largest number of the format; what lies beyond has no defined packing.
const KV_LARGEST: f32 = 65504.0;

/// A block of 32 channels as it is kept.
struct KvBlock {
  units: array<vec4<u32>, KV_BLOCK_UNITS>,
  scale: f32,
}

fn kv_pack_quad(quad: vec4<f32>) -> vec2<u32> {
  let bounded = clamp(quad, vec4<f32>(-KV_LARGEST), vec4<f32>(KV_LARGEST));
  return vec2<u32>(pack2x16float(bounded.xy), pack2x16float(bounded.zw));
}

fn kv_pack(block: array<vec4<f32>, 8>) -> KvBlock {
  var packed: KvBlock;
  for (var i = 0u; i < KV_BLOCK_UNITS; i++) {
    packed.units[i] = vec4<u32>(kv_pack_quad(block[2u * i]), kv_pack_quad(block[2u * i + 1u]));
  }
  return packed;
}

/// Quad i of a unit.
fn kv_unpack(unit: vec4<u32>, i: u32, scale: f32) -> vec4<f32> {
  let words = select(unit.xy, unit.zw, i == 1u);
  return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));
}
