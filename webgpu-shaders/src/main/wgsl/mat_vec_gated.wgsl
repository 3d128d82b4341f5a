//! out = activation(n(x) * gate^T + bias) * (n(x) * up^T + bias) for few rows: a team makes two outputs of each. The weight holds the
//! gate's rows first .. first+count, then those of up.
//! grid   (count / 2 / TEAMS_PER_GROUP up, 1, rows / ROWS up)
//! use    grid project activation

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let output = 2u * team_index(grid_group(group, groups), local);
  let row = ROWS * group.z;
  let rows = batch_rows(params.rows_of);
  let count = params.count;
  if (output >= count || row >= rows) {
    return;
  }
  let lane = team_lane(local);
  let next = min(output + 1u, count - 1u);
  let sums = project_rows(row, rows, vec4<u32>(output, next, count + output, count + next), lane);
  for (var i = lane; i < 2u * min(ROWS, rows - row); i += TEAM_LANES) {
    let channel = output + i % 2u;
    if (channel < count) {
      let gate = sums[i / 2u][i % 2u] + project_bias(channel);
      let up = sums[i / 2u][2u + i % 2u] + project_bias(count + channel);
      out[(row + i / 2u) * params.outputs + params.first + channel] = activation(params.activation, gate) * up;
    }
  }
}
