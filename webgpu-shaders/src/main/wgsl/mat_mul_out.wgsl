//! What mat-muls of many rows have in common: their parameters and what is done with a sum. The weight holds outputs first .. first+count.
//! params     Params
//! out        f32 [rows, outputs]
//! bias       f32 [outputs]
//! residual   f32 [rows, outputs]

struct Params {
  rows_of: u32,
  columns: u32,
  outputs: u32,
  first: u32,
  count: u32,
  has_bias: u32,
  has_residual: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read> residual: array<f32>;

/// Writes the sum of a row and an output of the weight, with bias and residual where there are any.
fn mat_mul_out(row: u32, output: u32, sum: f32) {
  let column = params.first + output;
  let at = row * params.outputs + column;
  var value = sum;
  if (params.has_bias != 0u) {
    value += bias[column];
  }
  if (params.has_residual != 0u) {
    value += residual[at];
  }
  out[at] = value;
}
