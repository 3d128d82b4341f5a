//! Appends k and v of this batch to one layer of the KV cache, up to four blocks of 32 channels of a head an invocation.
//! k, v   f32 [tokens, kv_heads * head_dim]; of latent attention k alone
//! grid   (tokens * kv_heads * ceil(head_dim / 128) / 64 up, 1, 1)
//! use    grid batch attention_params kv_cache

@group(0) @binding(3) var<storage, read> k: array<f32>;
@group(0) @binding(4) var<storage, read> v: array<f32>;

/// A quad of k and of v, zero past the head's channels.
fn quads_at(head: u32, quad: u32) -> array<vec4<f32>, 2> {
  var quads = array<vec4<f32>, 2>();
  for (var i = 0u; i < min(4u, params.head_dim - min(params.head_dim, 4u * quad)); i++) {
    quads[0][i] = k[head * params.head_dim + 4u * quad + i];
    if (params.latent == 0u) {
      quads[1][i] = v[head * params.head_dim + 4u * quad + i];
    }
  }
  return quads;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  let parts = (params.head_dim + 127u) / 128u;
  let part = index % parts;
  let head = index / parts;
  let token = head / params.kv_heads;
  if (token >= batch_rows(BATCH_TOKENS)) {
    return;
  }
  let units = kv_units(params.head_dim);
  let row_at = kv_row_of(batch_slot(token), head % params.kv_heads, params.kv_heads) * kv_row(params.head_dim);
  var scales = vec4<u32>();
  for (var b = 0u; b < 4u && 128u * part + 32u * b < params.head_dim; b++) {
    let block = 4u * part + b;
    var key = array<vec4<f32>, 8>();
    var value = array<vec4<f32>, 8>();
    for (var i = 0u; i < 8u; i++) {
      let quads = quads_at(head, 8u * block + i);
      key[i] = quads[0];
      value[i] = quads[1];
    }
    let unit = block * KV_BLOCK_UNITS;
    let packed_key = kv_pack(key);
    let packed_value = kv_pack(value);
    kv_put(row_at + unit, units - unit, packed_key);
    if (params.latent == 0u) {
      kv_put(row_at + units + unit, units - unit, packed_value);
    }
    scales[b] = pack2x16float(vec2<f32>(packed_key.scale, packed_value.scale));
  }
  if (KV_SCALED) {
    cache[row_at + kv_scales_at(units) + part] = scales;
  }
}
