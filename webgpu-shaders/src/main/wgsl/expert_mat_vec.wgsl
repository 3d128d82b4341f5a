//! out = x * weight[expert]^T (+ bias) for few rows: a team makes four outputs of one entry (a row and one of its experts), its lanes
//! share the columns. The weight holds rows first .. first+count of all experts' rows. x has a row for each entry, or one for top_k.
//! params   Params
//! routes   f32 [rows, 2 * top_k]
//! out      f32 [rows, top_k * outputs]
//! grid     (outputs / 4 / TEAMS_PER_GROUP up, 1, rows * top_k)
//! use      grid batch team input weight expert_bias

struct Params {
  rows_of: u32,
  top_k: u32,
  columns: u32,
  outputs: u32,
  first: u32,
  count: u32,
  bias_format: u32,
  entries_per_x: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(6) var<storage, read> routes: array<f32>;

fn dot_unit(a: array<vec4<f32>, WEIGHT_QUADS>, b: array<vec4<f32>, WEIGHT_QUADS>) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < WEIGHT_QUADS; i++) {
    sum += dot(a[i], b[i]);
  }
  return sum;
}

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let output = 4u * team_index(grid_group(group, groups), local);
  let entry = group.z;
  if (output >= params.outputs || entry >= batch_rows(params.rows_of) * params.top_k) {
    return;
  }
  let expert = u32(routes[entry / params.top_k * 2u * params.top_k + entry % params.top_k]);
  // Rows of this buffer; one before its first is beyond its last, too.
  let places = vec4<u32>(expert * params.outputs + output - params.first) + vec4<u32>(0u, 1u, 2u, 3u);
  let held = places < vec4<u32>(params.count);
  if (!any(held)) {
    return;
  }
  let rows = min(places, vec4<u32>(params.count - 1u));
  let lane = team_lane(local);
  let columns = params.columns;
  let units = (columns + 4u * WEIGHT_QUADS - 1u) / (4u * WEIGHT_QUADS);
  var sums = vec4<f32>(0.0);
  for (var unit = lane; unit < units; unit += TEAM_LANES) {
    var inputs: array<vec4<f32>, WEIGHT_QUADS>;
    for (var i = 0u; i < WEIGHT_QUADS; i++) {
      inputs[i] = input_4(entry / params.entries_per_x, weight_quad(unit, i), columns);
    }
    sums += vec4<f32>(dot_unit(inputs, weight_unit(rows.x, unit, columns)), dot_unit(inputs, weight_unit(rows.y, unit, columns)),
      dot_unit(inputs, weight_unit(rows.z, unit, columns)), dot_unit(inputs, weight_unit(rows.w, unit, columns)));
  }
  sums = team_sum(lane, sums);
  if (lane == 0u) {
    for (var i = 0u; i < min(4u, params.outputs - output); i++) {
      if (held[i]) {
        let at = output + i;
        out[entry * params.outputs + at] = sums[i] + expert_bias(params.bias_format, expert * params.outputs + at);
      }
    }
  }
}
