//! What comes before attention where a step has many tokens: q with norm and rotation goes to out, a block of 32 channels an invocation, k
//! (the same) and v to the KV cache, up to four blocks an invocation.
//! out    f32 [tokens, heads * head_dim]
//! grid   (tokens * (heads * ceil(head_dim / 32) + kv_heads * ceil(head_dim / 128)) / 64 up, 1, 1)
//! use    grid batch attention_params attention_input kv_cache query

@group(0) @binding(5) var<storage, read_write> out: array<f32>;

fn put_query(token: u32, head: u32, block: u32) {
  let squares = query_squares(token, head, 0u, 1u);
  let at = (token * params.heads + head) * params.head_dim;
  for (var quad = 8u * block; quad < 8u * block + 8u; quad++) {
    let value = query_quad(token, head, quad, squares);
    for (var i = 0u; i < min(4u, params.head_dim - min(params.head_dim, 4u * quad)); i++) {
      out[at + 4u * quad + i] = value[i];
    }
  }
}

fn put_key(token: u32, kv_head: u32, part: u32) {
  let squares = query_squares(token, params.heads + kv_head, 0u, 1u);
  let units = kv_units(params.head_dim);
  let row_at = kv_row_of(batch_slot(token), kv_head, params.kv_heads) * kv_row(params.head_dim);
  var scales = vec4<u32>();
  for (var b = 0u; b < 4u && 128u * part + 32u * b < params.head_dim; b++) {
    let block = 4u * part + b;
    var key = array<vec4<f32>, 8>();
    var value = array<vec4<f32>, 8>();
    for (var i = 0u; i < 8u; i++) {
      key[i] = query_quad(token, params.heads + kv_head, 8u * block + i, squares);
      value[i] = input_quad(token, params.heads + params.kv_heads + kv_head, 8u * block + i);
    }
    let unit = block * KV_BLOCK_UNITS;
    let packed_key = kv_pack(key);
    let packed_value = kv_pack(value);
    kv_put(row_at + unit, units - unit, packed_key);
    kv_put(row_at + units + unit, units - unit, packed_value);
    scales[b] = pack2x16float(vec2<f32>(packed_key.scale, packed_value.scale));
  }
  if (KV_SCALED) {
    cache[row_at + 2u * units + part] = scales;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  let blocks = (params.head_dim + 31u) / 32u;
  let parts = (params.head_dim + 127u) / 128u;
  let queries = params.heads * blocks;
  let token = index / (queries + params.kv_heads * parts);
  let item = index % (queries + params.kv_heads * parts);
  if (token >= batch_rows(BATCH_TOKENS)) {
    return;
  }
  if (item < queries) {
    put_query(token, item / blocks, item % blocks);
  } else {
    put_key(token, (item - queries) / parts, (item - queries) % parts);
  }
}
