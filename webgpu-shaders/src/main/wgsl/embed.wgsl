//! out[t] = table[index of t], four channels an invocation: the index is the token's id, its position or 0, plus an offset. The weight holds rows first .. first+count of the table.
//! params   Params
//! out      f32 [tokens, columns]
//! grid     (tokens * ceil(columns / 4) / 64 up, 1, 1)
//! use      grid batch weight

struct Params {
  columns: u32,
  first: u32,
  count: u32,
  /// 0 by id, 1 by position, 2 always the offset.
  kind: u32,
  offset: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let index = grid_group(group, groups) * 64u + local;
  let quads = (params.columns + 3u) / 4u;
  let token = index / quads;
  if (token >= batch_rows(BATCH_TOKENS)) {
    return;
  }
  var number = params.offset;
  if (params.kind == 0u) {
    number += batch_token_id(token);
  } else if (params.kind == 1u) {
    number += batch_position(token);
  }
  let row = number - params.first;
  if (row >= params.count) {
    return;
  }
  let quad = index % quads;
  let value = weight_4(row, quad, params.columns);
  for (var i = 0u; i < min(4u, params.columns - 4u * quad); i++) {
    out[token * params.columns + 4u * quad + i] = value[i];
  }
}
