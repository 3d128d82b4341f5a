//! out = x * weight^T (+ bias) for few rows: a team makes four outputs of one row, its lanes share the columns. The weight holds
//! outputs first .. first+count.
//! params   Params
//! bias     f32 [outputs]
//! out      f32 [rows, outputs]
//! grid     (count / 4 / TEAMS_PER_GROUP up, 1, rows)
//! use      grid batch team input weight

struct Params {
  rows_of: u32,
  columns: u32,
  outputs: u32,
  first: u32,
  count: u32,
  has_bias: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;

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
  if (output >= params.count || group.z >= batch_rows(params.rows_of)) {
    return;
  }
  let lane = team_lane(local);
  let last = params.count - 1u;
  let columns = params.columns;
  let units = (columns + 4u * WEIGHT_QUADS - 1u) / (4u * WEIGHT_QUADS);
  var sums = vec4<f32>(0.0);
  for (var unit = lane; unit < units; unit += TEAM_LANES) {
    var inputs: array<vec4<f32>, WEIGHT_QUADS>;
    for (var i = 0u; i < WEIGHT_QUADS; i++) {
      inputs[i] = input_4(group.z, weight_quad(unit, i), columns);
    }
    sums += vec4<f32>(dot_unit(inputs, weight_unit(output, unit, columns)),
      dot_unit(inputs, weight_unit(min(output + 1u, last), unit, columns)),
      dot_unit(inputs, weight_unit(min(output + 2u, last), unit, columns)),
      dot_unit(inputs, weight_unit(min(output + 3u, last), unit, columns)));
  }
  sums = team_sum(lane, sums);
  if (lane == 0u) {
    for (var i = 0u; i < min(4u, params.count - output); i++) {
      let at = params.first + output + i;
      out[group.z * params.outputs + at] = sums[i] + select(0.0, bias[min(at, arrayLength(&bias) - 1u)], params.has_bias != 0u);
    }
  }
}
