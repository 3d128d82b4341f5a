//! out = the sum of what a row's experts made, by their weights.
//! params   Params
//! x        f32 [rows, top_k * channels]
//! routes   f32 [rows, 2 * top_k]
//! out      f32 [rows, channels]
//! grid     (rows * channels / 64 up, 1, 1)
//! use      grid batch

struct Params {
  rows_of: u32,
  top_k: u32,
  channels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> routes: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  let row = index / params.channels;
  if (row >= batch_rows(params.rows_of)) {
    return;
  }
  var sum = 0.0;
  for (var i = 0u; i < params.top_k; i++) {
    sum += routes[(2u * row + 1u) * params.top_k + i] * x[(row * params.top_k + i) * params.channels + index % params.channels];
  }
  out[index] = sum;
}
