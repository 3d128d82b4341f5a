//! The KV cache of a layer. A row is what one token leaves for one kv head: units of k, as many of v, and where blocks have scales those of
//! both, k's in the lower half of a word and v's in the upper; whole vec4s. The rows of a head stand together in a page. Where v is the first
//! channels of k, a row is of k alone.
//! cache   u32 [pages, kv_heads, PAGE_TOKENS, row]
//! use     batch attention_params kv

@group(0) @binding(2) var<storage, read_write> cache: array<vec4<u32>>;

/// Units of k (or v) of a head.
fn kv_units(head_dim: u32) -> u32 {
  return ((head_dim + 3u) / 4u + KV_UNIT_QUADS - 1u) / KV_UNIT_QUADS;
}

/// Where the scales begin in a row with so many units of k.
fn kv_scales_at(units: u32) -> u32 {
  return select(2u * units, units, params.latent != 0u);
}

/// vec4s of a row.
fn kv_row(head_dim: u32) -> u32 {
  return kv_scales_at(kv_units(head_dim)) + select(0u, (head_dim + 127u) / 128u, KV_SCALED);
}

/// The number of the row of a kv head in a slot of the pool.
fn kv_row_of(slot: u32, kv_head: u32, kv_heads: u32) -> u32 {
  return (slot / PAGE_TOKENS * kv_heads + kv_head) * PAGE_TOKENS + slot % PAGE_TOKENS;
}

/// Scales of k and v in the block that a unit belongs to. A row begins at row_at and has so many units of k.
fn kv_scales(row_at: u32, units: u32, unit: u32) -> vec2<f32> {
  if (!KV_SCALED) {
    return vec2<f32>(1.0);
  }
  let block = unit / KV_BLOCK_UNITS;
  return unpack2x16float(cache[row_at + kv_scales_at(units) + block / 4u][block % 4u]);
}

fn kv_key(row_at: u32, units: u32, quad: u32) -> vec4<f32> {
  let unit = quad / KV_UNIT_QUADS;
  return kv_unpack(cache[row_at + unit], quad % KV_UNIT_QUADS, kv_scales(row_at, units, unit).x);
}

fn kv_value(row_at: u32, units: u32, quad: u32) -> vec4<f32> {
  if (params.latent != 0u) {
    return kv_key(row_at, units, quad);
  }
  let unit = quad / KV_UNIT_QUADS;
  return kv_unpack(cache[row_at + units + unit], quad % KV_UNIT_QUADS, kv_scales(row_at, units, unit).y);
}

/// Puts a block of units at `at`, of which the row may have only the first `count`.
fn kv_put(at: u32, count: u32, block: KvBlock) {
  for (var i = 0u; i < min(count, KV_BLOCK_UNITS); i++) {
    cache[at + i] = block.units[i];
  }
}
