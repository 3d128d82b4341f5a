//! out = (x - mean) / sqrt(variance + eps) * scale + bias of each row, a team a row. Scale and bias may be missing.
//! params   Params
//! x, out   f32 [rows, channels]
//! scale    f32 [channels]
//! bias     f32 [channels]
//! grid     (rows / TEAMS_PER_GROUP up, 1, 1)
//! use      grid batch team

struct Params {
  rows_of: u32,
  channels: u32,
  eps: f32,
  has_scale: u32,
  has_bias: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> scale: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let team = team_index(grid_group(group, groups), local);
  if (team >= batch_rows(params.rows_of)) {
    return;
  }
  let lane = team_lane(local);
  let at = team * params.channels;
  var sum = 0.0;
  for (var i = lane; i < params.channels; i += TEAM_LANES) {
    sum += x[at + i];
  }
  let mean = team_sum(lane, vec4<f32>(sum)).x / f32(params.channels);
  var squares = 0.0;
  for (var i = lane; i < params.channels; i += TEAM_LANES) {
    squares += (x[at + i] - mean) * (x[at + i] - mean);
  }
  let variance = team_sum(lane, vec4<f32>(squares)).x / f32(params.channels);
  let factor = 1.0 / sqrt(variance + params.eps);
  for (var i = lane; i < params.channels; i += TEAM_LANES) {
    var value = (x[at + i] - mean) * factor;
    if (params.has_scale != 0u) {
      value *= scale[i];
    }
    if (params.has_bias != 0u) {
      value += bias[i];
    }
    out[at + i] = value;
  }
}
