//! x as f16 with one scale a row, a power of two that brings the largest to between 64 and 128, so that products of f16 do not overflow: a
//! team a row. Rows are filled up to whole blocks of 32 columns with zeros.
//! params   Params
//! packed   f16 [rows, columns / 32 up * 32]
//! scales   f32 [rows]
//! grid     (rows / TEAMS_PER_GROUP up, 1, 1)
//! use      grid batch team input

struct Params {
  rows_of: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> packed: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> scales: array<f32>;

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let row = team_index(grid_group(group, groups), local);
  if (row >= batch_rows(params.rows_of)) {
    return;
  }
  let lane = team_lane(local);
  let quads = (params.columns + 3u) / 4u;
  var largest = vec4<f32>(0.0);
  for (var quad = lane; quad < quads; quad += TEAM_LANES) {
    largest = max(largest, abs(input_4(row, quad, params.columns)));
  }
  largest = team_max(lane, largest);
  let most = max(max(largest.x, largest.y), max(largest.z, largest.w));
  // The exponent of the largest, kept to where both the scale and its inverse are normal numbers.
  let exponent = clamp(bitcast<u32>(most) >> 23u, 20u, 240u);
  let inverse = bitcast<f32>((260u - exponent) << 23u);
  let padded = (params.columns + 31u) / 32u * 8u;
  for (var quad = lane; quad < padded; quad += TEAM_LANES) {
    var values = vec4<f32>(0.0);
    if (quad < quads) {
      values = inverse * input_4(row, quad, params.columns);
    }
    packed[row * padded + quad] = vec2<u32>(pack2x16float(values.xy), pack2x16float(values.zw));
  }
  if (lane == 0u) {
    scales[row] = bitcast<f32>((exponent - 6u) << 23u);
  }
}
