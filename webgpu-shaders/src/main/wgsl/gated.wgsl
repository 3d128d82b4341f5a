//! out = activation(gate) * up, element by element, for `count` channels of each row from `first` on. Gate and up may stand side by side
//! in the rows of one buffer.
//! params     Params
//! gate, up   f32 [rows, stride]
//! out        f32 [rows, channels]
//! grid       (rows * count / 64 up, 1, 1)
//! use        grid batch activation

struct Params {
  rows_of: u32,
  channels: u32,
  first: u32,
  count: u32,
  /// Elements of a row of gate and of up, and where in it they begin.
  stride: u32,
  gate_at: u32,
  up_at: u32,
  activation: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> gate: array<f32>;
@group(0) @binding(4) var<storage, read> up: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  let row = index / params.count;
  if (row < batch_rows(params.rows_of)) {
    let channel = index % params.count;
    let at = row * params.stride + channel;
    out[row * params.channels + params.first + channel] = activation(params.activation, gate[at + params.gate_at]) * up[at + params.up_at];
  }
}
