//! Causal grouped-query attention over the paged KV cache with online softmax (arXiv 2205.14135), a team a token and head. Tile by
//! tile of positions the lanes first share the scores, then each sums some channels of the values. A head
//! has at most 4 * TEAM_VECTORS channels.
//! params             Params
//! q, out             f32 [tokens, heads * head_dim]
//! sinks              f32 [heads]
//! k_cache, v_cache   f32 [slots, kv_heads, 4 * quads]
//! grid               (tokens * heads / TEAMS_PER_GROUP up, 1, 1)
//! use                grid batch team

struct Params {
  heads: u32,
  kv_heads: u32,
  head_dim: u32,
  window: u32,
  scale: f32,
  softcap: f32,
  has_sinks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> q: array<f32>;
@group(0) @binding(4) var<storage, read> k_cache: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> v_cache: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> sinks: array<f32>;

const LOWEST: f32 = -3.0e38;

/// Puts the query, scaled, where every lane reads it.
fn load_query(at: u32, quads: u32, lane: u32) {
  for (var quad = lane; quad < quads; quad += TEAM_LANES) {
    var value = vec4<f32>(0.0);
    for (var i = 0u; i < min(4u, params.head_dim - 4u * quad); i++) {
      value[i] = q[at + 4u * quad + i] * params.scale;
    }
    team_put_vector(quad, value);
  }
  team_sync();
}

fn score(kv_at: u32, quads: u32) -> f32 {
  var sum = 0.0;
  for (var quad = 0u; quad < quads; quad++) {
    sum += dot(team_get_vector(quad), k_cache[kv_at + quad]);
  }
  // tanh(x) as 1 - 2 / (e^2x + 1), bounded where it is 1 anyway.
  let grown = exp(clamp(2.0 * sum / params.softcap, -40.0, 40.0)) + 1.0;
  return select(sum, params.softcap - 2.0 * params.softcap / grown, params.softcap > 0.0);
}

@compute @workgroup_size(GROUP_SIZE)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32) {
  let team = team_index(grid_group(group, groups), local);
  let token = team / params.heads;
  if (token >= batch_rows(BATCH_TOKENS)) {
    return;
  }
  let lane = team_lane(local);
  let quads = (params.head_dim + 3u) / 4u;
  let kv_head = team % params.heads / (params.heads / params.kv_heads);
  let pages_at = batch_pages_at(token);
  let end = batch_position(token) + 1u;
  let start = select(0u, end - min(end, params.window), params.window > 0u);
  load_query(team * params.head_dim, quads, lane);

  var sums: array<vec4<f32>, LANE_VECTORS>;
  let head = team % params.heads;
  var largest = select(LOWEST, sinks[min(head, arrayLength(&sinks) - 1u)], params.has_sinks != 0u);
  var total = select(0.0, 1.0, params.has_sinks != 0u);
  for (var tile = start; tile < end; tile += TEAM_VALUES) {
    let count = min(TEAM_VALUES, end - tile);
    var lane_largest = largest;
    for (var i = lane; i < count; i += TEAM_LANES) {
      let value = score((batch_slot_of(pages_at, tile + i) * params.kv_heads + kv_head) * quads, quads);
      team_put(i, value);
      lane_largest = max(lane_largest, value);
    }
    let tile_largest = team_max(lane, vec4<f32>(lane_largest)).x;
    var lane_total = 0.0;
    for (var i = lane; i < count; i += TEAM_LANES) {
      let value = exp(team_get(i) - tile_largest);
      team_put(i, value);
      lane_total += value;
    }
    let shrink = exp(max(largest - tile_largest, -100.0));
    total = total * shrink + team_sum(lane, vec4<f32>(lane_total)).x;
    largest = tile_largest;
    for (var n = 0u; n < LANE_VECTORS; n++) {
      let quad = n * TEAM_LANES + lane;
      if (quad < quads) {
        var sum = sums[n] * shrink;
        for (var i = 0u; i < count; i++) {
          sum += team_get(i) * v_cache[(batch_slot_of(pages_at, tile + i) * params.kv_heads + kv_head) * quads + quad];
        }
        sums[n] = sum;
      }
    }
    team_sync();
  }
  for (var n = 0u; n < LANE_VECTORS; n++) {
    let quad = n * TEAM_LANES + lane;
    if (quad < quads) {
      let value = sums[n] / total;
      for (var i = 0u; i < min(4u, params.head_dim - 4u * quad); i++) {
        out[team * params.head_dim + 4u * quad + i] = value[i];
      }
    }
  }
}
