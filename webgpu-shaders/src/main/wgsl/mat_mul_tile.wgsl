//! How a workgroup of 128 invocations shares a tile of 64 rows by 64 outputs: an invocation has eight rows and four outputs, eight and
//! sixteen apart, so that neighbours read neighbouring vectors of workgroup memory. To fill a slice, two invocations share a row.
//! use   grid batch mat_mul_out

const TILE: u32 = 64u;
const TILE_INVOCATIONS: u32 = 128u;
const LANE_ROWS: u32 = 8u;
const ROWS_APART: u32 = 8u;
const OUTPUTS_APART: u32 = 16u;

/// First row and first output of a workgroup's tile.
fn tile_origin(group: vec3<u32>, groups: vec3<u32>) -> vec2<u32> {
  let across = (params.count + TILE - 1u) / TILE;
  let tile = grid_group(group, groups);
  return TILE * vec2<u32>(tile / across, tile % across);
}

/// Writes an invocation's sums, those that lie within the batch and the weight.
fn tile_out(origin: vec2<u32>, local: u32, sums: array<vec4<f32>, LANE_ROWS>) {
  let rows = batch_rows(params.rows_of);
  for (var r = 0u; r < LANE_ROWS; r++) {
    let row = origin.x + local / OUTPUTS_APART + r * ROWS_APART;
    for (var i = 0u; i < 4u; i++) {
      let output = origin.y + local % OUTPUTS_APART + i * OUTPUTS_APART;
      if (row < rows && output < params.count) {
        mat_mul_out(row, output, sums[r][i]);
      }
    }
  }
}
