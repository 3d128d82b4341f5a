//! out = n(x) * weight^T (+ bias) (+ residual) for few rows: a team makes four outputs of each. The weight holds outputs
//! first .. first+count.
//! residual   f32 [rows, outputs]
//! grid       (count / 4 / TEAMS_PER_GROUP up, 1, rows / ROWS up)
//! use        grid project

@group(0) @binding(7) var<storage, read> residual: array<f32>;

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let output = 4u * team_index(grid_group(group, groups), local);
  let row = ROWS * group.z;
  let rows = batch_rows(params.rows_of);
  if (output >= params.count || row >= rows) {
    return;
  }
  let lane = team_lane(local);
  let last = vec4<u32>(params.count - 1u);
  let sums = project_rows(row, rows, min(vec4<u32>(output, output + 1u, output + 2u, output + 3u), last), lane);
  for (var i = lane; i < 4u * min(ROWS, rows - row); i += TEAM_LANES) {
    let channel = output + i % 4u;
    if (channel < params.count) {
      let at = (row + i / 4u) * params.outputs + params.first + channel;
      let added = select(0.0, residual[min(at, arrayLength(&residual) - 1u)], params.has_residual != 0u);
      out[at] = sums[i / 4u][i % 4u] + project_bias(channel) + added;
    }
  }
}
