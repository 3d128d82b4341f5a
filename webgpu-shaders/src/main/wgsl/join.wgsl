//! Of each head its channels of a, then those of b.
//! params   Params
//! a        f32 [rows, heads * of_a]
//! b        f32 [rows, heads * of_b]
//! out      f32 [rows, heads * (of_a + of_b)]
//! grid     (rows * heads * (of_a + of_b) / 64 up, 1, 1)
//! use      grid batch

struct Params {
  rows_of: u32,
  heads: u32,
  of_a: u32,
  of_b: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> a: array<f32>;
@group(0) @binding(4) var<storage, read> b: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  let width = params.of_a + params.of_b;
  let head = index / width;
  let channel = index % width;
  if (head >= batch_rows(params.rows_of) * params.heads) {
    return;
  }
  if (channel < params.of_a) {
    out[index] = a[head * params.of_a + channel];
  } else {
    out[index] = b[head * params.of_b + channel - params.of_a];
  }
}
