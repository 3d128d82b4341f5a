//! Appends k and v of this batch to one layer of the KV cache, one quad of channels an invocation. In the cache a head has
//! quads * 4 channels, the last of them zero where the head dim is no multiple of four.
//! params             Params
//! k, v               f32 [tokens, kv_heads * head_dim]
//! k_cache, v_cache   f32 [slots, kv_heads, 4 * quads]
//! grid               (tokens * kv_heads * quads / 64 up, 1, 1)
//! use                grid batch

struct Params {
  kv_heads: u32,
  head_dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read> k: array<f32>;
@group(0) @binding(5) var<storage, read> v: array<f32>;
@group(0) @binding(2) var<storage, read_write> k_cache: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> v_cache: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  let quads = (params.head_dim + 3u) / 4u;
  let quad = index % quads;
  let head = index / quads;
  let token = head / params.kv_heads;
  if (token >= batch_rows(BATCH_TOKENS)) {
    return;
  }
  var key = vec4<f32>(0.0);
  var value = vec4<f32>(0.0);
  for (var i = 0u; i < min(4u, params.head_dim - 4u * quad); i++) {
    let at = head * params.head_dim + 4u * quad + i;
    key[i] = k[at];
    value[i] = v[at];
  }
  let at = (batch_slot(token) * params.kv_heads + head % params.kv_heads) * quads + quad;
  k_cache[at] = key;
  v_cache[at] = value;
}
