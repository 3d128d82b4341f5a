//! out = outer * activation(inner * x), element by element.
//! params   Params
//! x, out   f32 [rows, channels]
//! grid     (rows * channels / 64 up, 1, 1)
//! use      grid batch activation

struct Params {
  rows_of: u32,
  channels: u32,
  activation: u32,
  inner: f32,
  outer: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  if (index < batch_rows(params.rows_of) * params.channels) {
    out[index] = params.outer * activation(params.activation, params.inner * x[index]);
  }
}
