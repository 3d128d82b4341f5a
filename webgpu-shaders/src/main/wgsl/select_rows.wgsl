//! out[r] = x[token of output r]: the rows whose logits the batch asks for.
//! params Params
//! x      f32 [tokens, channels]
//! out    f32 [outputs, channels]
//! grid   (outputs * channels / 64 up, 1, 1)
//! use    grid batch

struct Params {
  channels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  let row = index / params.channels;
  if (row < batch_rows(BATCH_OUTPUTS)) {
    out[index] = x[batch_output_token(row) * params.channels + index % params.channels];
  }
}
