//! out = x * weight[expert]^T (+ bias) for many rows, whose entries expert_lists put in order: an invocation makes eight entries of one
//! expert by four outputs in registers, without workgroup memory. Weight and x are those of expert_mat_vec.
//! params   Params
//! lists    u32 [3 * tiles, then entries from entries_at on]; see expert_tiles
//! out      f32 [rows, top_k * outputs]
//! grid     (outputs / 64 up, rows * top_k / EXPERT_TILE + experts, 1)
//! use      batch input weight expert_bias expert_tiles

struct Params {
  columns: u32,
  outputs: u32,
  first: u32,
  count: u32,
  bias_format: u32,
  entries_per_x: u32,
  entries_at: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(6) var<storage, read> lists: array<u32>;

const LANE_ENTRIES: u32 = 8u;

@compute @workgroup_size(16, 4)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let tile = TILE_WORDS * group.y;
  let expert = lists[tile];
  let skipped = local.y * LANE_ENTRIES;
  let entries = min(LANE_ENTRIES, lists[tile + 2u] - min(lists[tile + 2u], skipped));
  let output = 4u * (group.x * 16u + local.x);
  if (entries == 0u || output >= params.outputs) {
    return;
  }
  // Rows of this buffer; one before its first is beyond its last, too.
  let places = vec4<u32>(expert * params.outputs + output - params.first) + vec4<u32>(0u, 1u, 2u, 3u);
  let held = places < vec4<u32>(params.count);
  if (!any(held)) {
    return;
  }
  let rows = min(places, vec4<u32>(params.count - 1u));
  let columns = params.columns;
  let at = params.entries_at + lists[tile + 1u] + skipped;
  var sums: array<vec4<f32>, LANE_ENTRIES>;
  for (var quad = 0u; quad < (columns + 3u) / 4u; quad++) {
    let w0 = weight_4(rows.x, quad, columns);
    let w1 = weight_4(rows.y, quad, columns);
    let w2 = weight_4(rows.z, quad, columns);
    let w3 = weight_4(rows.w, quad, columns);
    for (var i = 0u; i < LANE_ENTRIES; i++) {
      let input = input_4(lists[at + min(i, entries - 1u)] / params.entries_per_x, quad, columns);
      sums[i] += vec4<f32>(dot(input, w0), dot(input, w1), dot(input, w2), dot(input, w3));
    }
  }
  for (var i = 0u; i < entries; i++) {
    let to = lists[at + i] * params.outputs + output;
    for (var j = 0u; j < min(4u, params.outputs - output); j++) {
      if (held[j]) {
        out[to + j] = sums[i][j] + expert_bias(params.bias_format, expert * params.outputs + output + j);
      }
    }
  }
}
