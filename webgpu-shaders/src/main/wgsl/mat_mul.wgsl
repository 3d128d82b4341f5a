//! out = x * weight^T (+ bias) for many rows: an invocation makes a tile of eight rows by four outputs in registers, without
//! workgroup memory. The weight holds outputs first .. first+count.
//! params   Params
//! bias     f32 [outputs]
//! out      f32 [rows, outputs]
//! grid     (count / 32 up, rows / 64 up, 1)
//! use      batch input weight

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

const TILE_ROWS: u32 = 8u;
const TILE_OUTPUTS: u32 = 4u;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let rows = batch_rows(params.rows_of);
  let row = id.y * TILE_ROWS;
  let output = id.x * TILE_OUTPUTS;
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
      let at = params.first + output + i;
      out[(row + r) * params.outputs + at] = sums[r][i] + select(0.0, bias[min(at, arrayLength(&bias) - 1u)], params.has_bias != 0u);
    }
  }
}
