//! out = x * weight^T (+ bias) (+ residual) for many rows in half precision: a workgroup makes a tile of 64 rows by 64 outputs from slices of 32
//! columns in workgroup memory, where the next slice is written while this one is multiplied. Four products are added in f16, all else in f32.
//! 16 KB of workgroup memory.
//! grid       (count / 64 up * (rows / 64 up), 1, 1)
//! requires   f16
//! use        mat_mul_tile input_halves weight

/// Quads of a slice.
const SLICE: u32 = 8u;

/// Two slices, by quad and row (or output).
var<workgroup> tile_inputs: array<vec4<f16>, 2u * SLICE * TILE>;
var<workgroup> tile_weights: array<vec4<f16>, 2u * SLICE * TILE>;

/// What an invocation brings of a slice: four quads of a row of each.
struct Share {
  inputs: array<vec4<f16>, 4>,
  weights: array<vec4<f16>, 4>,
}

/// Zero beyond the end of a row.
fn fetch(row: u32, output: u32, first: u32) -> Share {
  let padded = (params.columns + 31u) / 32u * 8u;
  var share: Share;
  for (var i = 0u; i < 4u; i++) {
    if (first + i < (params.columns + 3u) / 4u) {
      share.inputs[i] = x[row * padded + first + i];
      share.weights[i] = vec4<f16>(weight_4(output, first + i, params.columns));
    }
  }
  return share;
}

fn keep(at: u32, share: Share) {
  for (var i = 0u; i < 4u; i++) {
    tile_inputs[at + i * TILE] = share.inputs[i];
    tile_weights[at + i * TILE] = share.weights[i];
  }
}

@compute @workgroup_size(TILE_INVOCATIONS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let rows = batch_rows(params.rows_of);
  let origin = tile_origin(group, groups);
  if (origin.x >= rows) {
    return;
  }
  let row = min(origin.x + local / 2u, rows - 1u);
  let output = min(origin.y + local / 2u, params.count - 1u);
  let quad = local % 2u * 4u;
  let place = quad * TILE + local / 2u;
  let slices = (params.columns + 4u * SLICE - 1u) / (4u * SLICE);
  var sums: array<vec4<f32>, LANE_ROWS>;
  keep(place, fetch(row, output, quad));
  workgroupBarrier();
  for (var slice = 0u; slice < slices; slice++) {
    let next = fetch(row, output, (slice + 1u) * SLICE + quad);
    for (var q = 0u; q < SLICE; q++) {
      let at = (slice % 2u * SLICE + q) * TILE;
      let mine = at + local % OUTPUTS_APART;
      let w0 = tile_weights[mine];
      let w1 = tile_weights[mine + OUTPUTS_APART];
      let w2 = tile_weights[mine + 2u * OUTPUTS_APART];
      let w3 = tile_weights[mine + 3u * OUTPUTS_APART];
      for (var r = 0u; r < LANE_ROWS; r++) {
        let input = tile_inputs[at + local / OUTPUTS_APART + r * ROWS_APART];
        sums[r] += vec4<f32>(vec4<f16>(dot(input, w0), dot(input, w1), dot(input, w2), dot(input, w3)));
      }
    }
    keep((slice + 1u) % 2u * SLICE * TILE + place, next);
    workgroupBarrier();
  }
  for (var r = 0u; r < LANE_ROWS; r++) {
    sums[r] *= x_scales[min(origin.x + local / OUTPUTS_APART + r * ROWS_APART, rows - 1u)];
  }
  tile_out(origin, local, sums);
}
