//! out = x * weight^T (+ bias) (+ residual) for many rows: an invocation makes a tile of eight rows by four outputs in registers, without
//! workgroup memory; a workgroup 64 rows by 32 outputs. The form for software adapters.
//! grid     (count / 32 up * (rows / 64 up), 1, 1)
//! use      grid batch mat_mul_out input weight

const TILE_ROWS: u32 = 8u;
const TILE_OUTPUTS: u32 = 4u;

@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>) {
  let rows = batch_rows(params.rows_of);
  let across = (params.count + 31u) / 32u;
  let tile = grid_group(group, groups);
  let row = tile / across * 64u + local.y * TILE_ROWS;
  let output = tile % across * 32u + local.x * TILE_OUTPUTS;
  if (row >= rows || output >= params.count) {
    return;
  }
  let last = params.count - 1u;
  let columns = params.columns;
  var sums: array<vec4<f32>, TILE_ROWS>;
  for (var quad = 0u; quad < (columns + 3u) / 4u; quad++) {
    let w0 = weight_4(output, quad, columns);
    let w1 = weight_4(min(output + 1u, last), quad, columns);
    let w2 = weight_4(min(output + 2u, last), quad, columns);
    let w3 = weight_4(min(output + 3u, last), quad, columns);
    for (var r = 0u; r < TILE_ROWS; r++) {
      let input = input_4(min(row + r, rows - 1u), quad, columns);
      sums[r] += vec4<f32>(dot(input, w0), dot(input, w1), dot(input, w2), dot(input, w3));
    }
  }
  for (var r = 0u; r < min(TILE_ROWS, rows - row); r++) {
    for (var i = 0u; i < min(TILE_OUTPUTS, params.count - output); i++) {
      mat_mul_out(row + r, output + i, sums[r][i]);
    }
  }
}
