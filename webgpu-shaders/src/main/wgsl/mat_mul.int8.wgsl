//! out = x * weight^T (+ bias) (+ residual) for many rows by integer dot products (DP4A): a workgroup makes a tile of 64 rows by 64 outputs mine
//! slices of one block of 32 columns in workgroup memory, where the next slice is written while this one is multiplied. 12 KB of workgroup memory.
//! Activations are rounded to 8 bits a block, weights are exact.
//! grid       (count / 64 up * (rows / 64 up), 1, 1)
//! requires   packed_4x8_integer_dot_product
//! use        mat_mul_tile input_bytes ints

/// Two slices, by half of a block and row (or output).
var<workgroup> tile_inputs: array<vec4<u32>, 4u * TILE>;
var<workgroup> tile_weights: array<vec4<u32>, 4u * TILE>;
var<workgroup> tile_input_scales: array<vec4<f32>, 2u * TILE>;
var<workgroup> tile_weight_scales: array<vec2<f32>, 4u * TILE>;

/// What an invocation brings of a slice: half a block of a row of each.
struct Share {
  inputs: vec4<u32>,
  weights: vec4<u32>,
  input_scale: vec4<f32>,
  weight_scale: vec2<f32>,
}

fn fetch(row: u32, output: u32, half: u32) -> Share {
  let at = row * (params.columns / 16u) + half;
  return Share(x[at], ints_16(output, half, params.columns), x_scales[at / 2u], ints_scale(output, half, params.columns));
}

fn keep(slice: u32, local: u32, share: Share) {
  let at = slice % 2u * 2u * TILE + local % 2u * TILE + local / 2u;
  tile_inputs[at] = share.inputs;
  tile_weights[at] = share.weights;
  tile_weight_scales[at] = share.weight_scale;
  if (local % 2u == 0u) {
    tile_input_scales[slice % 2u * TILE + local / 2u] = share.input_scale;
  }
}

fn dot_16(a: vec4<u32>, b: vec4<u32>) -> i32 {
  return dot4I8Packed(a.x, b.x) + dot4I8Packed(a.y, b.y) + dot4I8Packed(a.z, b.z) + dot4I8Packed(a.w, b.w);
}

/// The sums of an invocation with a slice added.
fn multiplied(slice: u32, local: u32, before: array<vec4<f32>, LANE_ROWS>) -> array<vec4<f32>, LANE_ROWS> {
  let at = slice % 2u * 2u * TILE;
  var low: array<vec4<u32>, 4>;
  var high: array<vec4<u32>, 4>;
  var scale: array<vec4<f32>, 2>;
  var minimum: array<vec4<f32>, 2>;
  for (var i = 0u; i < 4u; i++) {
    let mine = at + local % OUTPUTS_APART + i * OUTPUTS_APART;
    low[i] = tile_weights[mine];
    high[i] = tile_weights[mine + TILE];
    scale[0][i] = tile_weight_scales[mine].x;
    minimum[0][i] = tile_weight_scales[mine].y;
    scale[1][i] = tile_weight_scales[mine + TILE].x;
    minimum[1][i] = tile_weight_scales[mine + TILE].y;
  }
  var sums = before;
  for (var r = 0u; r < LANE_ROWS; r++) {
    let row = local / OUTPUTS_APART + r * ROWS_APART;
    let left = tile_inputs[at + row];
    let right = tile_inputs[at + TILE + row];
    let input = tile_input_scales[slice % 2u * TILE + row];
    var sum: vec4<f32>;
    let lows = vec4<i32>(dot_16(left, low[0]), dot_16(left, low[1]), dot_16(left, low[2]), dot_16(left, low[3]));
    let highs = vec4<i32>(dot_16(right, high[0]), dot_16(right, high[1]), dot_16(right, high[2]), dot_16(right, high[3]));
    if (INTS_BY_HALF) {
      sum = input.x * (scale[0] * vec4<f32>(lows) + scale[1] * vec4<f32>(highs));
    } else {
      sum = input.x * scale[0] * vec4<f32>(lows + highs);
    }
    if (INTS_MINIMUM) {
      sum += minimum[0] * input.y + minimum[1] * input.z;
    }
    sums[r] += sum;
  }
  return sums;
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
  let slices = params.columns / 32u;
  var sums: array<vec4<f32>, LANE_ROWS>;
  keep(0u, local, fetch(row, output, local % 2u));
  workgroupBarrier();
  for (var slice = 0u; slice < slices; slice++) {
    let next = fetch(row, output, 2u * min(slice + 1u, slices - 1u) + local % 2u);
    sums = multiplied(slice, local, sums);
    keep(slice + 1u, local, next);
    workgroupBarrier();
  }
  tile_out(origin, local, sums);
}
