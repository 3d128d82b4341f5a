//! out = a + b, element by element.
//! params      Params
//! a, b, out   f32 [rows, channels]
//! grid        (rows * channels / 64 up, 1, 1)
//! use         grid batch

struct Params {
  rows_of: u32,
  channels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read> b: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  if (index < batch_rows(params.rows_of) * params.channels) {
    out[index] = a[index] + b[index];
  }
}
