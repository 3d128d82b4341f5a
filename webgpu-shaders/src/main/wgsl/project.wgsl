//! What projections of few rows share: a team multiplies up to ROWS rows of activations by four rows of the weight, its lanes share the
//! columns, and each weight is read once.
//! params   Params
//! bias     f32 [outputs]
//! out      f32 [rows, outputs]
//! use      batch team input weight norm rows

struct Params {
  /// Of out: BATCH_TOKENS or BATCH_OUTPUTS.
  rows_of: u32,
  columns: u32,
  /// Channels of a row of out.
  outputs: u32,
  /// The channel of out, and of the bias, with which the part begins that is bound as the weight, and how many it has.
  first: u32,
  bias_first: u32,
  count: u32,
  has_bias: u32,
  has_residual: u32,
  /// Whether x has a row a token and out one an output.
  selects: u32,
  eps: f32,
  /// Of gates.
  activation: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;

/// The row of x that a row of out is made of.
fn project_input(row: u32) -> u32 {
  if (params.selects != 0u) {
    return batch_output_token(row);
  }
  return row;
}

fn project_bias(at: u32) -> f32 {
  return select(0.0, bias[min(params.bias_first + at, arrayLength(&bias) - 1u)], params.has_bias != 0u);
}

/// 1 / sqrt(mean + eps) of each row, for the squares that each lane has summed up.
fn project_factors(lane: u32, squares: array<f32, ROWS>) -> array<f32, ROWS> {
  var factors: array<f32, ROWS>;
  for (var r = 0u; r < ROWS; r += 4u) {
    let sum = team_sum(lane, vec4<f32>(squares[r], squares[min(r + 1u, ROWS - 1u)], squares[min(r + 2u, ROWS - 1u)],
      squares[min(r + 3u, ROWS - 1u)]));
    for (var i = 0u; i < min(4u, ROWS - r); i++) {
      factors[r + i] = 1.0 / sqrt(sum[i] / f32(params.columns) + params.eps);
    }
  }
  return factors;
}

/// Of rows first .. first + ROWS of out the products with four rows of the weight, on every lane. The loops over rows have a constant
/// length, so that they can be unrolled and sums stay in registers; a branch that all lanes take alike leaves out rows that are not there.
fn project_rows(first: u32, rows: u32, outputs: vec4<u32>, lane: u32) -> array<vec4<f32>, ROWS> {
  let columns = params.columns;
  let units = (columns + 4u * WEIGHT_QUADS - 1u) / (4u * WEIGHT_QUADS);
  var inputs: array<u32, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    inputs[r] = project_input(min(first + r, rows - 1u));
  }
  var sums: array<vec4<f32>, ROWS>;
  var squares: array<f32, ROWS>;
  for (var unit = lane; unit < units; unit += TEAM_LANES) {
    let w0 = weight_unit(outputs.x, unit, columns);
    let w1 = weight_unit(outputs.y, unit, columns);
    let w2 = weight_unit(outputs.z, unit, columns);
    let w3 = weight_unit(outputs.w, unit, columns);
    for (var i = 0u; i < WEIGHT_QUADS; i++) {
      let quad = weight_quad(unit, i);
      let scaling = norm_scale(quad);
      for (var r = 0u; r < ROWS; r++) {
        if (first + r < rows) {
          let input = input_4(inputs[r], quad, columns);
          if (NORM) {
            squares[r] += dot(input, input);
          }
          let scaled = input * scaling;
          sums[r] += vec4<f32>(dot(scaled, w0[i]), dot(scaled, w1[i]), dot(scaled, w2[i]), dot(scaled, w3[i]));
        }
      }
    }
  }
  for (var r = 0u; r < ROWS; r++) {
    if (first + r < rows) {
      sums[r] = team_sum(lane, sums[r]);
    }
  }
  if (NORM) {
    let factors = project_factors(lane, squares);
    for (var r = 0u; r < ROWS; r++) {
      sums[r] *= factors[r];
    }
  }
  return sums;
}
