//! KV cache in Q8_0: a unit of 16 bytes holds four quads of channels, a block of two units has a scale.

/// Quads of channels in a unit.
const KV_UNIT_QUADS: u32 = 4u;
/// Units of a block of 32 channels.
const KV_BLOCK_UNITS: u32 = 2u;
/// Whether a block has a scale.
const KV_SCALED: bool = true;

/// A block of 32 channels as it is kept.
struct KvBlock {
  units: array<vec4<u32>, KV_BLOCK_UNITS>,
  scale: f32,
}

fn kv_pack(block: array<vec4<f32>, 8>) -> KvBlock {
  var largest = vec4<f32>(0.0);
  for (var i = 0u; i < 8u; i++) {
    largest = max(largest, abs(block[i]));
  }
  var packed: KvBlock;
  packed.scale = max(max(largest.x, largest.y), max(largest.z, largest.w)) / 127.0;
  let inverse = select(0.0, 1.0 / packed.scale, packed.scale > 0.0);
  for (var i = 0u; i < 8u; i++) {
    let steps = block[i] * inverse;
    // Halves away from zero, as ggml rounds.
    let q = vec4<u32>(vec4<i32>(sign(steps) * floor(abs(steps) + 0.5))) & vec4<u32>(255u);
    packed.units[i / 4u][i % 4u] = q.x | (q.y << 8u) | (q.z << 16u) | (q.w << 24u);
  }
  return packed;
}

/// Quad i of a unit.
fn kv_unpack(unit: vec4<u32>, i: u32, scale: f32) -> vec4<f32> {
  let word = vec4<i32>(bitcast<i32>(unit[i]));
  return scale * vec4<f32>((word << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u));
}
