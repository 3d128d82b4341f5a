//! Puts the splits of an attention together, one quad of a head an invocation.
//! partials   f32 [tokens, heads, max_splits, 4 * (quads + 1)], see attention_partials
//! out        f32 [tokens, heads * value_dim]
//! grid       (tokens * heads * quads / 64 up, 1, 1)
//! use        grid batch attention_params

@group(0) @binding(2) var<storage, read> partials: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  let quads = value_quads();
  let quad = index % quads;
  let head = index / quads;
  if (head >= batch_rows(BATCH_TOKENS) * params.heads) {
    return;
  }
  let at = head * params.max_splits * (quads + 1u);
  let splits = u32(partials[at + quads].z);
  var largest = LOWEST;
  for (var i = 0u; i < splits; i++) {
    largest = max(largest, partials[at + i * (quads + 1u) + quads].x);
  }
  var sum = vec4<f32>(0.0);
  var total = 0.0;
  for (var i = 0u; i < splits; i++) {
    let split = at + i * (quads + 1u);
    let weight = shrink(partials[split + quads].x, largest);
    total += weight * partials[split + quads].y;
    sum += weight * partials[split + quad];
  }
  let value = sum / total;
  for (var i = 0u; i < min(4u, params.value_dim - 4u * quad); i++) {
    out[head * params.value_dim + 4u * quad + i] = value[i];
  }
}
