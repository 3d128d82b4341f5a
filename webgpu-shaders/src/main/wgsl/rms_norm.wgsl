//! out = x / sqrt(mean(x^2) + eps) * scale over each group of channels, a team a group. Where it selects, out has the rows of x whose
//! logits the batch asks for.
//! params   Params
//! x, out   f32 [rows, groups * channels]
//! scale    f32 [channels]
//! grid     (rows * groups / TEAMS_PER_GROUP up, 1, 1)
//! use      grid batch team

struct Params {
  rows_of: u32,
  groups: u32,
  channels: u32,
  eps: f32,
  selects: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> scale: array<f32>;

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let team = team_index(grid_group(group, groups), local);
  if (team >= batch_rows(params.rows_of) * params.groups) {
    return;
  }
  let lane = team_lane(local);
  let at = team * params.channels;
  var source = at;
  if (params.selects != 0u) {
    source = (batch_output_token(team / params.groups) * params.groups + team % params.groups) * params.channels;
  }
  var squares = 0.0;
  for (var i = lane; i < params.channels; i += TEAM_LANES) {
    squares += x[source + i] * x[source + i];
  }
  let mean = team_sum(lane, vec4<f32>(squares)).x / f32(params.channels);
  let factor = 1.0 / sqrt(mean + params.eps);
  for (var i = lane; i < params.channels; i += TEAM_LANES) {
    out[at + i] = x[source + i] * factor * scale[i];
  }
}
